// Runs one program in a session of its own, reaps whatever it leaves, and ends all that outlives it.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "sandbox/init/init.hpp"

namespace singularity::sandbox::init {

namespace {

// argv, envp and the folder; static, since there is one program a box.
char* g_strings[wire::kMaxStrings + 2];

struct Plan {
    char** arguments;
    char** environment;
    const char* folder;
};

void limit(decltype(RLIMIT_CPU) resource, std::int64_t soft, std::int64_t hard) {
    const rlimit value{.rlim_cur = static_cast<rlim_t>(soft), .rlim_max = static_cast<rlim_t>(hard)};
    ::setrlimit(resource, &value);
}

void set_limits(const wire::Command& command) {
    limit(RLIMIT_CORE, 1, 1);  // with 0 a handler behind a pipe is started all the same (core(5))
    limit(RLIMIT_FSIZE, command.file_bytes, command.file_bytes);
    limit(RLIMIT_NOFILE, command.open_files, command.open_files);
    limit(RLIMIT_CPU, command.cpu_seconds, command.cpu_seconds + 1);
    if (command.data_bytes > 0) limit(RLIMIT_DATA, command.data_bytes, command.data_bytes);
    if (command.processes > 0) limit(RLIMIT_NPROC, command.processes, command.processes);
}

void say(const char* text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void refuse(const char* what, const char* name) {
    const int error = errno;
    say(what);
    say(name);
    say(": ");
    say(::strerrordesc_np(error));
    say("\n");
    ::_exit(error == ENOENT ? 127 : 126);
}

// The first to die when memory runs out, before the process that reports it.
void offer_to_oom_killer() {
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // else the file is not ours
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    [[maybe_unused]] const ssize_t written = ::write(file, "1000", 4);
    ::close(file);
}

[[noreturn]] void become_program(const Job& job, const Plan& plan) {
    ::setsid();
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    offer_to_oom_killer();
    for (int i = 0; i < 3; ++i) ::dup2(job.descriptors[i], i);
    ::syscall(SYS_close_range, 3U, ~0U, 0);
    if (::chdir(plan.folder) != 0) refuse("cannot enter ", plan.folder);
    set_limits(job.command);
    ::execve(plan.arguments[0], plan.arguments, plan.environment);
    refuse("cannot execute ", plan.arguments[0]);
}

// Until no process is left. One that was just being made may escape a round.
void end_all() {
    for (;;) {
        ::kill(-1, SIGKILL);
        pid_t reaped;
        do reaped = ::waitpid(-1, nullptr, WNOHANG);
        while (reaped > 0);
        if (reaped < 0 && errno == ECHILD) return;
        const timespec pause{.tv_sec = 0, .tv_nsec = 100'000};
        ::nanosleep(&pause, nullptr);
    }
}

bool read_plan(const Job& job, Plan& plan) {
    const auto arguments = job.command.count, environment = job.command.environment;
    if (arguments == 0 || arguments > wire::kMaxStrings || environment > wire::kMaxStrings - arguments)
        return false;
    Reader reader(job.payload, job.command.payload_bytes);
    plan = {.arguments = g_strings, .environment = g_strings + arguments + 1, .folder = nullptr};
    for (std::uint32_t i = 0; i < arguments; ++i) plan.arguments[i] = const_cast<char*>(reader.string());
    plan.arguments[arguments] = nullptr;
    for (std::uint32_t i = 0; i < environment; ++i) plan.environment[i] = const_cast<char*>(reader.string());
    plan.environment[environment] = nullptr;
    plan.folder = reader.string();
    return reader.good();
}

int wait_for(pid_t program) {
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(-1, &status, 0);
        if (ended == program) return status;
        if (ended < 0 && errno != EINTR) return 0;
    }
}

std::int64_t microseconds(const timeval& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_usec;
}

}  // namespace

wire::Report run_program(const Job& job) {
    wire::Report report{};
    Plan plan{};
    const bool read = read_plan(job, plan);
    const pid_t program = read ? ::fork() : -1;
    if (program == 0) become_program(job, plan);
    report.error = program > 0 ? 0 : read ? errno : EINVAL;
    for (int i = 0; i < job.count; ++i) ::close(job.descriptors[i]);  // so that readers see the end
    if (program < 0) return report;
    report.status = wait_for(program);
    end_all();
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    report.cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
    report.max_rss_bytes = static_cast<std::int64_t>(used.ru_maxrss) * 1024;
    return report;
}

}  // namespace singularity::sandbox::init
