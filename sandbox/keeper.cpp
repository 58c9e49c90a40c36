// Keeps a launcher running: a new one for each that dies, until one ends because nobody needs it any more.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <format>

#include "core/log.hpp"
#include "sandbox/launcher.hpp"
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
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// A copy of another launcher's socket would keep that one alive.
void keep_only(int socket) {
    ::syscall(SYS_close_range, 3U, static_cast<unsigned>(socket) - 1, 0);
    ::syscall(SYS_close_range, static_cast<unsigned>(socket) + 1, ~0U, 0);
}

}  // namespace

core::Expected<void> keep_launcher(const LauncherOptions& options, core::Descriptor socket) {
    std::int64_t pause = kFirstPause;
    for (;;) {
        const auto begin = ::time(nullptr);
        const int status = one_life(options, socket);
        if (status == 0) return {};
        if (!options.without_cgroups) sweep_cgroups(find_cgroups(options.name));
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
    ForkedLauncher forked{.client = core::Descriptor(ends[0])};
    core::Descriptor socket(ends[1]);
    forked.keeper = ::fork();
    if (forked.keeper < 0)
        return core::failure(core::ErrorCode::failed, "cannot fork the sandbox's launcher");
    if (forked.keeper == 0) {
        keep_only(socket.get());
        const auto kept = keep_launcher(options, std::move(socket));
        ::_exit(kept ? 0 : 1);
    }
    return forked;
}

}  // namespace singularity::sandbox
