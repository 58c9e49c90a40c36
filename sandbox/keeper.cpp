// Keeps a launcher running: a new one for each that dies, until one ends because nobody needs it any more.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <format>
#include <sstream>

#include "core/log.hpp"
#include "sandbox/box.hpp"
#include "sandbox/holder.hpp"
#include "sandbox/launcher.hpp"
#include "sandbox/refusal.hpp"
#include "sandbox/small_file.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

namespace {

// Between lives; a launcher that cannot be had is tried again at this pace.
constexpr std::int64_t kFirstPause = 10'000'000, kLongestPause = 10'000'000'000;

void pause_for(std::int64_t nanoseconds) {
    const timespec pause{.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
    ::nanosleep(&pause, nullptr);
}

// The status of its process; 0 when it was told to end.
int one_life(const LauncherOptions& options, const core::Descriptor& socket) {
    const pid_t pid = ::fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        const auto run = run_launcher(options, core::Descriptor(::dup(socket.get())));
        if (!run) core::log::error("sandbox.no_launcher", {{"reason", run.error().message}});
        ::_exit(run ? 0 : 1);
    }
    // What a killed launcher's boxes leave becomes our child.
    int status = 0;
    pid_t ended;
    do ended = ::waitpid(-1, &status, 0);
    while (ended > 0 ? ended != pid : errno == EINTR);
    return status;
}

// It ends with the socket alone: not with the terminal, and not with who is told to stop before us. A copy of
// another launcher's socket would keep that one alive.
void stand_alone(std::array<int, 2> kept, bool silent) {
    ::setsid();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    if (silent) ::dup2(nothing, STDOUT_FILENO), ::dup2(nothing, STDERR_FILENO);
    std::ranges::sort(kept);
    unsigned first = STDERR_FILENO + 1;
    for (const int descriptor : kept) {
        if (static_cast<unsigned>(descriptor) > first)
            ::syscall(SYS_close_range, first, static_cast<unsigned>(descriptor) - 1, 0);
        first = static_cast<unsigned>(descriptor) + 1;
    }
    ::syscall(SYS_close_range, first, ~0U, 0);
    [[maybe_unused]] const int moved = ::chdir("/");
}

bool nobody_holds(const core::Descriptor& socket) {
    char first = 0;
    return ::recv(socket.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// What a killed launcher's boxes leave becomes our child. Without a cgroup nobody else ends it: a bubblewrap
// whose outer half died before it wrote the maps of users waits for that for good.
void end_orphans() {
    const std::string list = std::format("/proc/self/task/{}/children", ::getpid());
    for (;;) {
        std::istringstream children(read_small_file(list).value_or(""));
        for (pid_t child; children >> child;) ::kill(child, SIGKILL);
        pid_t reaped;
        do reaped = ::waitpid(-1, nullptr, WNOHANG);
        while (reaped > 0 || (reaped < 0 && errno == EINTR));
        if (reaped < 0) return;
        ::usleep(1'000);
    }
}

}  // namespace

core::Expected<void> keep_launcher(const LauncherOptions& options, core::Descriptor socket) {
    core::Descriptor alone;  // its launchers share it
    try {
        alone = lock_name(lock_folder(options), options.name);
    } catch (const SandboxError& error) {
        refuse_all(socket.get(), error.what(), std::chrono::hours(24));
        return core::failure(core::ErrorCode::failed, error.what());
    }
    std::int64_t pause = kFirstPause;
    for (;;) {
        const auto begin = ::time(nullptr);
        const int status = one_life(options, socket);
        const bool needed = status != 0 && !nobody_holds(socket);
        if (status != 0) sweep_cgroups(find_cgroups(options.name, options.best_tier));
        end_orphans();
        if (!needed) {
            ::unlink(lock_of(lock_folder(options), options.name).c_str());
            return {};
        }
        core::log::warn("sandbox.launcher_died", {{"status", status}});
        pause = ::time(nullptr) - begin > 60 ? kFirstPause : std::min(pause * 2, kLongestPause);
        pause_for(pause);
    }
}

core::Expected<ForkedLauncher> fork_launcher(const LauncherOptions& options) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return core::failure(core::ErrorCode::failed,
                             std::format("cannot make a socket: {}", ::strerrordesc_np(errno)));
    }
    ForkedLauncher forked;
    forked.client = core::Descriptor(ends[0]);
    core::Descriptor socket(ends[1]);
    if (::pipe2(ends, O_CLOEXEC) != 0) return core::failure(core::ErrorCode::failed, "cannot make a pipe");
    forked.ended = core::Descriptor(ends[0]);
    const core::Descriptor alive(ends[1]);
    forked.keeper = ::fork();
    if (forked.keeper < 0)
        return core::failure(core::ErrorCode::failed, "cannot fork the sandbox's launcher");
    if (forked.keeper == 0) {
        stand_alone({socket.get(), alive.get()}, options.silent);
        const auto kept = keep_launcher(options, std::move(socket));
        ::_exit(kept ? 0 : 1);
    }
    return forked;
}

LauncherWatch::LauncherWatch(const LauncherOptions& options) {
    try {
        const auto path = lock_of(lock_folder(options), options.name);
        lock_ = core::Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    } catch (const SandboxError&) {
        // Whose folder that is knows more.
    }
}

bool LauncherWatch::await_end() const {
    return !lock_ || lock_within_seconds(lock_);
}

}  // namespace singularity::sandbox
