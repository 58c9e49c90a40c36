#include "sandbox/box_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>

#include "core/format.hpp"
#include "sandbox/bwrap.hpp"

namespace singularity::sandbox {

namespace {

// Bubblewrap's processes, and whether they have ended. What they leave behind becomes our child
// (launcher.cpp) and is reaped with them.
std::map<pid_t, std::optional<int>> g_ended;  // with their status

bool has_ended(pid_t pid) {
    reap_children();
    return g_ended[pid].has_value();
}

[[noreturn]] void fail(std::string_view what) {
    throw SandboxError(core::format("cannot {}: {}", what, ::strerrordesc_np(errno)));
}

struct Child {
    std::vector<char*> arguments;
    std::vector<int> doors;  // of the cgroups
    const BoxPlan& plan;
    int socket, complaints;
    pid_t parent;
};

[[noreturn]] void give_up(const char* what) {
    const char* reason = ::strerrordesc_np(errno);
    [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, what, std::strlen(what));
    written = ::write(STDERR_FILENO, ": ", 2);
    written = ::write(STDERR_FILENO, reason, std::strlen(reason));
    ::_exit(1);
}

void take_descriptors(const Child& child, int nothing, int filter) {
    // Above what bubblewrap gets, so that no dup2 meets its own source.
    const int socket = ::fcntl(child.socket, F_DUPFD, 16), program = ::fcntl(filter, F_DUPFD, 16);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    if (::dup2(socket, kInitSocket) < 0 || ::dup2(program, kFilterFile) < 0)
        give_up("cannot pass descriptors");
    ::syscall(SYS_close_range, kFilterFile + 1, ~0U, 0);
}

void drop_rights(const BoxPlan& plan) {
    // With 0 a handler of crashes behind a pipe is started all the same, outside and as root (core(5)).
    const rlimit least{.rlim_cur = 1, .rlim_max = 1};
    ::setrlimit(RLIMIT_CORE, &least);
    if (plan.change_user &&
        (::setgroups(0, nullptr) != 0 || ::setresgid(plan.user, plan.user, plan.user) != 0 ||
         ::setresuid(plan.user, plan.user, plan.user) != 0)) {
        give_up("cannot become the slot's user");
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("cannot give up privileges");
}

// Before anything of the host, when the machine's memory runs out. Where we have the right to lower it again
// (CAP_SYS_RESOURCE), nobody in the box can: this becomes the least that it may say.
void offer_to_oom_killer() {
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    [[maybe_unused]] const ssize_t written = ::write(file, "500", 3);
    ::close(file);
}

// Between fork and exec: system calls only.
[[noreturn]] void become_bwrap(const Child& child) {
    ::setsid();
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t empty;
    ::sigemptyset(&empty);
    ::pthread_sigmask(SIG_SETMASK, &empty, nullptr);
    ::umask(022);
    ::dup2(child.complaints, STDERR_FILENO);
    for (const int door : child.doors) {
        if (::write(door, "0", 1) != 1) give_up("cannot enter the cgroup");
    }
    offer_to_oom_killer();
    const int nothing = ::open("/dev/null", O_RDONLY), filter = ::open(child.plan.filter.c_str(), O_RDONLY);
    if (nothing < 0 || filter < 0) give_up("cannot open the seccomp filter");
    take_descriptors(child, nothing, filter);
    drop_rights(child.plan);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // after the change of user, which forgets it
    if (::getppid() != child.parent) ::_exit(1);
    char* const environment[] = {nullptr};  // what stands here can be read in the box, as /proc/1/environ
    ::execve(kBwrap, child.arguments.data(), environment);
    give_up("cannot execute /usr/bin/bwrap");
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

}  // namespace

void reap_children() {
    int status = 0;
    for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (const auto ours = g_ended.find(ended); ours != g_ended.end()) ours->second = status;
    }
}

BoxProcess::BoxProcess(const BoxPlan& plan) : cgroup_(plan.cgroups, plan.id) {
    int ends[2], pipe[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail("make a socket");
    socket_ = core::Descriptor(ends[0]);
    const core::Descriptor inner(ends[1]);
    if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0) fail("make a pipe");
    complaints_ = core::Descriptor(pipe[0]);
    const core::Descriptor writing(pipe[1]);
    if (!cgroup_.create()) {
        const int error = errno;
        cgroup_.remove();
        errno = error;
        fail("make a cgroup");
    }
    std::vector<core::Descriptor> doors;
    Child child{.arguments = pointers(plan.arguments),
                .doors = {},
                .plan = plan,
                .socket = inner.get(),
                .complaints = writing.get(),
                .parent = ::getpid()};
    for (const std::string& door : cgroup_.doors()) {
        child.doors.push_back(doors.emplace_back(::open(door.c_str(), O_WRONLY | O_CLOEXEC)).get());
    }
    pid_ = ::fork();
    if (pid_ == 0) become_bwrap(child);
    if (pid_ < 0) fail("start a box");
    g_ended[pid_] = std::nullopt;
    pidfd_ = core::Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

BoxProcess::~BoxProcess() {
    while (!gone()) {
        kill();
        ::usleep(1'000);
    }
    g_ended.erase(pid_);
}

void BoxProcess::kill() {
    cgroup_.kill();
    if (!has_ended(pid_)) ::kill(pid_, SIGKILL);
}

bool BoxProcess::gone() {
    return has_ended(pid_) && cgroup_.remove();
}

bool BoxProcess::left_orderly() const {
    return has_ended(pid_) && *g_ended[pid_] == 0;
}

std::string BoxProcess::why_it_ended() const {
    std::array<char, 1024> text;
    const ssize_t size = ::read(complaints_.get(), text.data(), text.size());
    const std::string said(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return "the box ended by itself" + (said.empty() ? ", and said nothing" : ": " + said);
}

}  // namespace singularity::sandbox
