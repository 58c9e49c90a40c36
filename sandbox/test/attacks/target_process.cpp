// A process that counts the signals it gets, and would notice another priority, processor or limit.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

namespace {

struct Seen {
    std::atomic<int> ready, signals;
};

[[noreturn]] void count_signals(Seen& seen) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    seen.ready = 1;
    while (true)
        if (siginfo_t info; sigwaitinfo(&all, &info) > 0) ++seen.signals;
}

class LivingProcess : public Target {
public:
    LivingProcess()
        : seen_(static_cast<Seen*>(
              mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
          process_(fork()) {
        if (process_ == 0) count_signals(*seen_);
        while (seen_->ready == 0) sched_yield();
        before_ = state();
    }
    ~LivingProcess() override {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        munmap(seen_, sizeof(Seen));
    }

    std::map<std::string, std::string> names() const override {
        return {{"process", std::to_string(process_)}};
    }

    std::vector<std::string> touched() override {
        std::vector<std::string> sentences;
        if (waitpid(process_, nullptr, WNOHANG) != 0) return {"the process is gone"};
        if (seen_->signals != 0) sentences.push_back("the process got a signal");
        if (const State now = state(); now != before_)
            sentences.push_back("the process has another priority, processor or limit");
        return sentences;
    }

private:
    struct State {
        int priority = 0, processors = 0;
        rlim_t limit = 0;
        bool operator==(const State&) const = default;
    };

    State state() const {
        cpu_set_t processors;
        CPU_ZERO(&processors);
        sched_getaffinity(process_, sizeof processors, &processors);
        rlimit limit{};
        prlimit(process_, RLIMIT_CORE, nullptr, &limit);
        return {getpriority(PRIO_PROCESS, static_cast<id_t>(process_)), CPU_COUNT(&processors),
                limit.rlim_cur};
    }

    Seen* seen_;
    pid_t process_;
    State before_{};
};

}  // namespace

std::unique_ptr<Target> living_process(const std::string&) {
    return std::make_unique<LivingProcess>();
}

}  // namespace singularity::sandbox::attacks
