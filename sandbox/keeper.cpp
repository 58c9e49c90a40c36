// Keeps a launcher running: a new one for each that dies, until one ends because nobody needs it any more.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <sstream>

#include "core/format.hpp"
#include "core/log.hpp"
#include "sandbox/box.hpp"
#include "sandbox/gone_owners.hpp"
#include "sandbox/holder.hpp"
#include "sandbox/launcher.hpp"
#include "sandbox/refusal.hpp"
#include "sandbox/rights.hpp"
#include "sandbox/small_file.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

namespace {

// Between lives; a launcher that cannot be had is tried again at this pace.
constexpr std::int64_t kFirstPause = 10'000'000, kLongestPause = 10'000'000'000;

constexpr const char* kWaits =
    "waits for the end of a launcher that an earlier backbone of this home has left";

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

bool nobody_holds(const core::Descriptor& socket) {
    char first = 0;
    return ::recv(socket.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// What a killed launcher's boxes leave becomes our child. Without a cgroup nobody else ends it: a bubblewrap
// whose outer half died before it wrote the maps of users waits for that for good.
void end_orphans() {
    const std::string list = core::format("/proc/self/task/{}/children", ::getpid());
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

// The lock of our name; none where nobody needs us any more. The life before may still be leaving: at first
// whoever asks waits with us, then he is told.
core::Descriptor lock_name(const LauncherOptions& options, const core::Descriptor& socket) {
    constexpr int kUntold = 200;
    const auto file = lock_of(lock_folder(options), options.name);
    for (int round = 0;; ++round) {
        if (auto lock = try_lock(AT_FDCWD, file)) return lock;
        if (nobody_holds(socket)) return core::Descriptor();
        if (round == kUntold) core::log::warn("sandbox.waits", {{"lock", file.string()}});
        if (round < kUntold) ::usleep(10'000);
        else refuse_all(socket.get(), kWaits, std::chrono::milliseconds(100));
    }
}

}  // namespace

core::Expected<void> keep_launcher(const LauncherOptions& options, core::Descriptor socket) {
    core::Descriptor alone;  // its launchers share it
    try {
        keep_rights_to_begin();
        alone = lock_name(options, socket);
    } catch (const SandboxError& error) {
        refuse_all(socket.get(), error.what(), std::chrono::hours(24));
        return core::failure(core::ErrorCode::failed, error.what());
    }
    if (!alone) return {};
    const auto folder = lock_folder(options);
    sweep_after_gone_owners(folder);
    std::int64_t pause = kFirstPause;
    for (;;) {
        const auto begin = ::time(nullptr);
        const int status = one_life(options, socket);
        const bool needed = status != 0 && !nobody_holds(socket);
        for (const CgroupPlaces& places : places_of_groups(options.name)) sweep_cgroups(places);
        end_orphans();
        if (!needed) {
            ::unlink(lock_of(folder, options.name).c_str());
            sweep_after_gone_owners(folder);  // our slots among them
            return {};
        }
        core::log::warn("sandbox.launcher_died", {{"status", status}});
        pause = ::time(nullptr) - begin > 60 ? kFirstPause : std::min(pause * 2, kLongestPause);
        pause_for(pause);
    }
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
    for (int round = 0; lock_ && ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0; ++round) {
        if (round == 1000) return false;
        ::usleep(10'000);
    }
    return true;
}

}  // namespace singularity::sandbox
