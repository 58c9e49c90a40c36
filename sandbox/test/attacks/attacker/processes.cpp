// Other processes: their memory, their signals, their priority, their descriptors. A target is a number as
// the host counts; in a process namespace it names nobody, or somebody of ours.
#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

pid_t target(Arguments arguments) {
    return std::strcmp(arguments[0], "parent") == 0 ? getppid() : static_cast<pid_t>(number(arguments[0]));
}

// It may take a moment to die; one that lives on has its next moment.
bool has_ended(pid_t process) {
    const std::string path = "/proc/" + std::to_string(process) + "/stat";
    for (int i = 0; i < 1000; ++i, sched_yield()) {
        const std::string status = content_of(path.c_str());
        if (status.empty() || status.find(") Z") != std::string::npos) return true;
    }
    return false;
}

int trace(Arguments arguments) {
    if (ptrace(PTRACE_SEIZE, target(arguments), nullptr, nullptr) == 0) return got("its every step");
    return denied("ptrace");
}

int trace_child(Arguments) {
    const pid_t child = fork();
    if (child == 0) _exit(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : errno);
    int status = 0;
    waitpid(child, &status, 0);
    return status == 0 ? got("a child to trace") : denied("ptrace", WEXITSTATUS(status));
}

// Reads one of our own addresses in the other process: whether anything is there comes after permission.
int read_memory(Arguments arguments) {
    char here[8] = "";
    iovec ours{here, sizeof here}, theirs{here, sizeof here};
    const long count = syscall(SYS_process_vm_readv, target(arguments), &ours, 1, &theirs, 1, 0);
    return count >= 0 || errno == EFAULT ? got("its memory") : denied("process_vm_readv");
}

int write_memory(Arguments arguments) {
    char here[8] = "";
    iovec ours{here, 0}, theirs{nullptr, 0};
    const long count = syscall(SYS_process_vm_writev, target(arguments), &ours, 1, &theirs, 1, 0);
    return count >= 0 || errno == EFAULT ? got("its memory") : denied("process_vm_writev");
}

int open_memory(Arguments arguments) {
    const std::string path = "/proc/" + std::to_string(target(arguments)) + "/mem";
    return open(path.c_str(), O_RDWR | O_CLOEXEC) < 0 ? denied(path.c_str()) : got("%s", path.c_str());
}

// A signal that its handler counts.
int signal_process(Arguments arguments) {
    return kill(target(arguments), SIGUSR1) == 0 ? got("a signal delivered") : denied("kill");
}

// Everybody who can be signalled; 0 instead of a signal where none of them is to notice.
int signal_all(Arguments arguments) {
    const int number_of_signal = static_cast<int>(number(arguments[0]));
    return kill(-1, number_of_signal) == 0 ? got("all signalled") : denied("kill -1");
}

int signal_by_pidfd(Arguments arguments) {
    const long file = syscall(SYS_pidfd_open, target(arguments), 0);
    if (file < 0) return denied("pidfd_open");
    if (syscall(SYS_pidfd_send_signal, file, SIGUSR1, nullptr, 0) == 0) return got("a signal delivered");
    return denied("pidfd_send_signal");
}

// SIGIO to any owner that fcntl is told.
int signal_by_owner(Arguments arguments) {
    int ends[2];
    if (pipe(ends) != 0) return broken("pipe");
    if (fcntl(ends[0], F_SETOWN, target(arguments)) != 0) return denied("F_SETOWN");
    fcntl(ends[0], F_SETSIG, SIGUSR1);
    fcntl(ends[0], F_SETFL, O_ASYNC);
    return write(ends[1], "x", 1) == 1 ? got("a signal on its way") : denied("write");
}

// The same with a signal that nobody can ignore.
int end_by_owner(Arguments arguments) {
    int ends[2];
    if (pipe(ends) != 0) return broken("pipe");
    if (fcntl(ends[0], F_SETOWN, target(arguments)) != 0) return denied("F_SETOWN");
    fcntl(ends[0], F_SETSIG, SIGKILL);
    fcntl(ends[0], F_SETFL, O_ASYNC);
    if (write(ends[1], "x", 1) != 1) return broken("write");
    return has_ended(target(arguments)) ? got("its end") : denied("it lives", EPERM);
}

int slow_down(Arguments arguments) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    const pid_t process = target(arguments);
    if (setpriority(PRIO_PROCESS, static_cast<id_t>(process), 19) == 0) return got("its priority");
    return sched_setaffinity(process, sizeof first, &first) == 0 ? got("its processor")
                                                                 : denied("setpriority");
}

int limit_other(Arguments arguments) {
    const rlimit small{0, 0};
    return prlimit(target(arguments), RLIMIT_CORE, &small, nullptr) == 0 ? got("its limits")
                                                                         : denied("prlimit");
}

int take_descriptor(Arguments arguments) {
    const long file = syscall(SYS_pidfd_open, target(arguments), 0);
    if (file < 0) return denied("pidfd_open");
    return syscall(SYS_pidfd_getfd, file, 0, 0) < 0 ? denied("pidfd_getfd") : got("its descriptor 0");
}

// Of the box's process 1 nobody would then report the end.
int end_process(Arguments arguments) {
    const pid_t process = target(arguments);
    for (const int signal : {SIGSEGV, SIGTERM, SIGKILL})
        if (kill(process, signal) != 0) return denied("kill");
    return has_ended(process) ? got("its end") : denied("it lives", EPERM);
}

// The kernel ends who has used more processor time than its limit.
int starve_process(Arguments arguments) {
    const pid_t process = target(arguments);
    const rlimit none{0, 0};
    for (const auto limit : {RLIMIT_CPU, RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_DATA})
        if (prlimit(process, limit, &none, nullptr) != 0) return denied("prlimit");
    return got("its limits");
}

const Command kCommands[] = {
    {"trace", trace},
    {"trace_child", trace_child},
    {"read_memory", read_memory},
    {"write_memory", write_memory},
    {"open_memory", open_memory},
    {"signal", signal_process},
    {"signal_all", signal_all},
    {"signal_by_pidfd", signal_by_pidfd},
    {"signal_by_owner", signal_by_owner},
    {"end_by_owner", end_by_owner},
    {"slow_down", slow_down},
    {"limit_other", limit_other},
    {"take_descriptor", take_descriptor},
    {"end_process", end_process},
    {"starve_process", starve_process},
};

}  // namespace

}  // namespace attacker
