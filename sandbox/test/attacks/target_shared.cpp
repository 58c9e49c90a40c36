// A key in the session's keyring, System V and POSIX objects.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

namespace {

class SessionKey : public Target {
public:
    explicit SessionKey(const std::string& secret)
        : secret_(secret),
          key_(syscall(SYS_add_key, "user", secret.c_str(), secret.data(), secret.size(),
                       KEY_SPEC_SESSION_KEYRING)) {}
    ~SessionKey() override { syscall(SYS_keyctl, KEYCTL_UNLINK, key_, KEY_SPEC_SESSION_KEYRING); }

    std::map<std::string, std::string> names() const override { return {{"key", secret_}}; }

    std::vector<std::string> touched() override {
        std::string content(64, '\0');
        const long length = syscall(SYS_keyctl, KEYCTL_READ, key_, content.data(), content.size());
        content.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        return key_ < 0 || content == secret_ ? std::vector<std::string>{}
                                              : std::vector<std::string>{"the key was changed"};
    }

private:
    std::string secret_;
    long key_;
};

class SharedObjects : public Target {
public:
    explicit SharedObjects(const std::string& secret)
        : number_(static_cast<key_t>(std::hash<std::string>{}(secret) & 0x7fffffff)), name_("/" + secret) {
        memory_ = shmget(number_, 4096, IPC_CREAT | 0666);
        auto* content = static_cast<char*>(shmat(memory_, nullptr, 0));
        std::strcpy(content, secret.c_str());
        shmdt(content);
        messages_ = msgget(number_, IPC_CREAT | 0666);
        semaphores_ = semget(number_, 1, IPC_CREAT | 0666);
        // Small, since what all queues of a user hold is limited.
        mq_attr small{};
        small.mq_maxmsg = 1;
        small.mq_msgsize = 64;
        queue_ = mq_open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666, &small);
        close(shm_open(name_.c_str(), O_RDWR | O_CREAT, 0666));
    }
    ~SharedObjects() override {
        shmctl(memory_, IPC_RMID, nullptr);
        msgctl(messages_, IPC_RMID, nullptr);
        semctl(semaphores_, 0, IPC_RMID);
        mq_close(queue_);
        mq_unlink(name_.c_str());
        shm_unlink(name_.c_str());
    }

    std::map<std::string, std::string> names() const override {
        return {{"number", std::to_string(number_)}, {"name", name_}};
    }

    std::vector<std::string> touched() override {
        std::vector<std::string> sentences;
        shmid_ds memory{};
        shmctl(memory_, IPC_STAT, &memory);
        if (memory.shm_atime != 0 && memory.shm_lpid != getpid())
            sentences.push_back("the shared memory was attached");
        msqid_ds messages{};
        msgctl(messages_, IPC_STAT, &messages);
        if (messages.msg_qnum != 0) sentences.push_back("the System V queue has a message");
        if (semctl(semaphores_, 0, GETVAL) != 0) sentences.push_back("the semaphore was changed");
        mq_attr queue{};
        mq_getattr(queue_, &queue);
        if (queue.mq_curmsgs != 0) sentences.push_back("the POSIX queue has a message");
        return sentences;
    }

private:
    key_t number_;
    std::string name_;
    int memory_ = -1, messages_ = -1, semaphores_ = -1;
    mqd_t queue_ = -1;
};

}  // namespace

std::unique_ptr<Target> session_key(const std::string& secret) {
    return std::make_unique<SessionKey>(secret);
}

std::unique_ptr<Target> shared_objects(const std::string& secret) {
    return std::make_unique<SharedObjects>(secret);
}

}  // namespace singularity::sandbox::attacks
