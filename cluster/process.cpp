#include "cluster/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "cluster/os_error.hpp"
#include "core/format.hpp"

extern char** environ;

namespace singularity::cluster {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

struct Prepared {
    const Command& command;
    std::vector<char*> arguments, environment;
    int input, complaint;  // /dev/null, and the pipe that carries errno
    pid_t parent;
};

[[noreturn]] void complain_and_exit(int complaint) {
    const int reason = errno;
    const ssize_t written = ::write(complaint, &reason, sizeof reason);
    ::_exit(written == sizeof reason ? 127 : 126);
}

// Runs between fork and exec: system calls only.
[[noreturn]] void become_program(const Prepared& prepared) {
    ::setsid();  // a Ctrl-C at the terminal is for the supervisor, which stops its children in order
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::umask(077);
    if (::dup2(prepared.input, STDIN_FILENO) < 0 || ::dup2(prepared.command.output, STDOUT_FILENO) < 0 ||
        ::dup2(prepared.command.output, STDERR_FILENO) < 0) {
        complain_and_exit(prepared.complaint);
    }
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    for (const int descriptor : prepared.command.passed) ::fcntl(descriptor, F_SETFD, 0);
    if (prepared.command.no_new_privileges) ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_PDEATHSIG, prepared.command.death_signal, 0, 0, 0);
    if (::getppid() != prepared.parent) ::_exit(127);  // it died before it could leave us that signal
    ::execve(prepared.command.program.c_str(), prepared.arguments.data(), prepared.environment.data());
    complain_and_exit(prepared.complaint);
}

pid_t fork_with_signals_blocked(const Prepared& prepared) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) become_program(prepared);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return pid;
}

ExitStatus exit_status(const siginfo_t& info) {
    return {.by_signal = info.si_code != CLD_EXITED, .value = info.si_status};
}

}  // namespace

core::Expected<Process> spawn(const Command& command) {
    const Descriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    int ends[2];
    if (!input || ::pipe2(ends, O_CLOEXEC) != 0) return os_failure("cannot start a process");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    const pid_t pid = fork_with_signals_blocked({.command = command,
                                                 .arguments = pointers(command.arguments),
                                                 .environment = pointers(command.environment),
                                                 .input = input.get(),
                                                 .complaint = writing.get(),
                                                 .parent = ::getpid()});
    if (pid < 0) return os_failure("cannot start a process");
    writing.reset();
    Process process(pid, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
    int reason = 0;
    if (::read(reading.get(), &reason, sizeof reason) == sizeof reason) {
        process.wait();
        return os_failure(core::format("cannot execute {}", command.program),
                          std::error_code(reason, std::generic_category()));
    }
    return process;
}

void Process::send(int signal) const {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
}

ExitStatus Process::wait() {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
    return exit_status(info);
}

std::string ExitStatus::describe() const {
    if (!by_signal) return core::format("exited with {}", value);
    return core::format("was killed by signal {} ({})", value, ::sigdescr_np(value));
}

std::filesystem::path own_program() {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/self/exe", unknown);
}

std::vector<std::string> child_environment(const std::vector<std::string>& additions) {
    std::vector<std::string> result = additions;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string_view assignment = text.substr(0, text.find('=') + 1);
        const bool misleading = assignment.starts_with("PG") || assignment == "NOTIFY_SOCKET=";
        const bool replaced = std::ranges::any_of(
            additions, [&](const std::string& addition) { return addition.starts_with(assignment); });
        if (!misleading && !replaced) result.emplace_back(text);
    }
    return result;
}

}  // namespace singularity::cluster
