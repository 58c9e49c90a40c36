// Bombs, each with a bound: what counts is whether the bound is reached. Processes, threads, memory, time.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

constexpr long kMiB = 1024 * 1024;

void end_all(const std::vector<pid_t>& children) {
    for (const pid_t child : children) kill(child, SIGKILL);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
}

int fork_bomb(Arguments arguments) {
    std::vector<pid_t> children;
    const auto wanted = static_cast<std::size_t>(number(arguments[0]));
    while (children.size() < wanted) {
        const pid_t child = fork();
        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0) break;
        children.push_back(child);
    }
    const int error = errno;
    end_all(children);
    return children.size() == wanted ? got("%zu processes", wanted) : denied("fork", error);
}

// Children that have ended, and that nobody asks about.
int zombie_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]); ++i) {
        const pid_t child = fork();
        if (child == 0) _exit(0);
        if (child < 0) return denied("fork");
    }
    return got("%s zombies", arguments[0]);
}

int thread_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]); ++i) {
        pthread_attr_t small;
        pthread_attr_init(&small);
        pthread_attr_setstacksize(&small, 65536);
        pthread_t thread;
        const auto wait = [](void*) -> void* { return pause(), nullptr; };
        if (const int error = pthread_create(&thread, &small, wait, nullptr); error != 0)
            return denied("pthread_create", error);
    }
    return got("%s threads", arguments[0]);
}

int take_memory(long mib, int flags) {
    void* memory = mmap(nullptr, static_cast<std::size_t>(mib * kMiB), PROT_READ | PROT_WRITE,
                        flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return denied("mmap");
    for (long at = 0; at < mib * kMiB; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
    return got("%ld MiB", mib);
}

int memory_bomb(Arguments arguments) {
    return take_memory(number(arguments[0]), MAP_PRIVATE);
}
int shared_memory_bomb(Arguments arguments) {
    return take_memory(number(arguments[0]), MAP_SHARED);
}

// Each child takes little. Arguments: how many, how much.
int memory_of_children(Arguments arguments) {
    std::vector<pid_t> children;
    int ready[2];
    if (pipe(ready) != 0) return broken("pipe");
    for (long i = 0; i < number(arguments[0]); ++i) {
        const pid_t child = fork();
        if (child == 0) {
            std::freopen("/dev/null", "w", stdout);
            const char done = take_memory(number(arguments[1]), MAP_PRIVATE) == kGot ? 'y' : 'n';
            if (write(ready[1], &done, 1) == 1) pause();
            _exit(0);
        }
        if (child > 0) children.push_back(child);
    }
    close(ready[1]);
    // One that is killed gives up its end, so the loop ends when the others end or all have answered.
    std::size_t holding = 0;
    char done = 'n';
    for (std::size_t i = 0; i < children.size(); ++i) {
        int status = 0;
        if (waitpid(-1, &status, WNOHANG) > 0) break;
        if (read(ready[0], &done, 1) == 1 && done == 'y') ++holding;
    }
    const bool all = holding == static_cast<std::size_t>(number(arguments[0]));
    end_all(children);
    return all ? got("%zu children with %s MiB each", holding, arguments[1]) : denied("memory", ENOMEM);
}

int system_v_memory_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]) / 16; ++i) {
        const int segment = shmget(IPC_PRIVATE, 16 * kMiB, IPC_CREAT | 0600);
        if (segment < 0) return denied("shmget");
        void* memory = shmat(segment, nullptr, 0);
        if (memory == reinterpret_cast<void*>(-1)) return denied("shmat");
        std::memset(memory, 1, 16 * kMiB);
        shmdt(memory);
    }
    return got("%s MiB that no process has mapped", arguments[0]);
}

int anonymous_file_bomb(Arguments arguments) {
    const int file = memfd_create("bomb", 0);
    if (file < 0) return denied("memfd_create");
    static char block[kMiB];
    std::memset(block, 1, sizeof block);
    for (long i = 0; i < number(arguments[0]); ++i)
        if (write(file, block, sizeof block) != kMiB) return denied("write");
    return got("%s MiB in a file without a name", arguments[0]);
}

// The kernel's memory: messages that wait in sockets nobody reads.
int socket_buffer_bomb(Arguments arguments) {
    static char block[65536];
    long bytes = 0;
    while (bytes < number(arguments[0]) * kMiB) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) return denied("socketpair");
        ssize_t count = 0;
        while ((count = write(pair[0], block, sizeof block)) > 0) bytes += count;
    }
    return got("%s MiB in sockets", arguments[0]);
}

int timer_bomb(Arguments arguments) {
    for (long i = 0; i < number(arguments[0]); ++i) {
        timer_t timer;
        if (timer_create(CLOCK_MONOTONIC, nullptr, &timer) != 0) return denied("timer_create");
    }
    return got("%s timers", arguments[0]);
}

// Burns processor time in so many processes: each ends after that many milliseconds of its own.
int burn(Arguments arguments) {
    for (long i = 1; i < number(arguments[1]); ++i)
        if (fork() == 0) break;
    std::signal(SIGXCPU, SIG_IGN);
    while (std::clock() < number(arguments[0]) * (CLOCKS_PER_SEC / 1000)) continue;
    while (wait(nullptr) > 0) continue;
    return got("%s ms in %s processes", arguments[0], arguments[1]);
}

void ignore_signals() {
    for (int signal = 1; signal < 64; ++signal) std::signal(signal, SIG_IGN);
}

// Does nothing, and hears nothing, for so many milliseconds.
int sleep_past(Arguments arguments) {
    ignore_signals();
    const long wanted = number(arguments[0]);
    const timespec time{wanted / 1000, wanted % 1000 * 1000000};
    nanosleep(&time, nullptr);
    return got("%ld ms", wanted);
}

// Stops itself; a child continues it after so many milliseconds.
int stop_oneself(Arguments arguments) {
    const pid_t self = getpid();
    if (fork() == 0) {
        usleep(static_cast<useconds_t>(number(arguments[0]) * 1000));
        kill(self, SIGCONT);
        _exit(0);
    }
    kill(self, SIGSTOP);
    return got("%s ms without running", arguments[0]);
}

const Command kCommands[] = {
    {"fork_bomb", fork_bomb},
    {"zombie_bomb", zombie_bomb},
    {"thread_bomb", thread_bomb},
    {"memory_bomb", memory_bomb},
    {"shared_memory_bomb", shared_memory_bomb},
    {"memory_of_children", memory_of_children},
    {"system_v_memory_bomb", system_v_memory_bomb},
    {"anonymous_file_bomb", anonymous_file_bomb},
    {"socket_buffer_bomb", socket_buffer_bomb},
    {"timer_bomb", timer_bomb},
    {"burn", burn},
    {"sleep_past", sleep_past},
    {"stop_oneself", stop_oneself},
};

}  // namespace

}  // namespace attacker
