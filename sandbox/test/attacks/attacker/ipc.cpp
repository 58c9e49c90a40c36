// What processes share without files: System V and POSIX memory and queues of the host, by their keys.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

int read_shared_memory(Arguments arguments) {
    const int segment = shmget(static_cast<key_t>(number(arguments[0])), 0, 0);
    if (segment < 0) return denied("shmget");
    const void* content = shmat(segment, nullptr, SHM_RDONLY);
    if (content == reinterpret_cast<void*>(-1)) return denied("shmat");
    return got("%.32s", static_cast<const char*>(content));
}

int send_message(Arguments arguments) {
    const int queue = msgget(static_cast<key_t>(number(arguments[0])), 0);
    if (queue < 0) return denied("msgget");
    struct {
        long kind = 1;
        char text[8] = "attack";
    } message;
    return msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT) == 0 ? got("a message sent")
                                                                         : denied("msgsnd");
}

int change_semaphore(Arguments arguments) {
    const int set = semget(static_cast<key_t>(number(arguments[0])), 0, 0);
    if (set < 0) return denied("semget");
    return semctl(set, 0, SETVAL, 7) == 0 ? got("a semaphore changed") : denied("semctl");
}

int send_to_queue(Arguments arguments) {
    const mqd_t queue = mq_open(arguments[0], O_WRONLY | O_NONBLOCK);
    if (queue < 0) return denied("mq_open");
    return mq_send(queue, "attack", 6, 0) == 0 ? got("a message sent") : denied("mq_send");
}

int open_named_memory(Arguments arguments) {
    return shm_open(arguments[0], O_RDWR, 0) < 0 ? denied("shm_open") : got("%s", arguments[0]);
}

const Command kCommands[] = {
    {"read_shared_memory", read_shared_memory}, {"send_message", send_message},
    {"change_semaphore", change_semaphore},     {"send_to_queue", send_to_queue},
    {"open_named_memory", open_named_memory},
};

}  // namespace

}  // namespace attacker
