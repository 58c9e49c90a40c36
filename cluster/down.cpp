#include "cluster/down.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>

#include "cluster/crashed_server.hpp"
#include "cluster/current_status.hpp"
#include "cluster/os_error.hpp"
#include "cluster/postmaster.hpp"
#include "cluster/prepare_home.hpp"
#include "cluster/processes.hpp"
#include "cluster/sockets.hpp"
#include "cluster/status.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Longer than an orderly stop can take: 15 s for services, 60 s for the server, and its last resort.
constexpr auto kSupervisorPatience = 100s;
constexpr auto kServicePatience = 15s;

bool ends_within(const Descriptor& pidfd, std::chrono::milliseconds time) {
    pollfd watched{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, static_cast<int>(time.count())) > 0;
}

core::Expected<void> stop_supervisor(pid_t pid) {
    const Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) return {};
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH) {
        return os_failure(core::format("cannot stop the supervisor (pid {})", pid));
    }
    if (ends_within(pidfd, kSupervisorPatience)) return {};
    return core::failure(core::ErrorCode::timeout, core::format("the supervisor (pid {}) does not stop", pid),
                         {core::format("end it with: kill -9 {}; then run singularity down again", pid)});
}

// Services got their death signal with the supervisor's end; those that ignore it are killed.
void end_services(const fs::path& sockets) {
    const auto mine = core::format("NOTIFY_SOCKET={}", notify_socket(sockets).string());
    for (const pid_t pid : started_with(mine)) {
        const Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!pidfd) continue;
        ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0);
        if (!ends_within(pidfd, kServicePatience))
            ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
        ends_within(pidfd, kServicePatience);
    }
}

void stop_server_and_wait(const fs::path& data) {
    asio::io_context io(1);
    asio::co_spawn(io, stop_server(data), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    io.run();
}

bool anything_left(const Home& home, const fs::path& sockets) {
    const auto mine = core::format("NOTIFY_SOCKET={}", notify_socket(sockets).string());
    return read_pid_file(home.data()) || !servers_in(home.data()).empty() || !started_with(mine).empty();
}

core::Expected<bool> clean_up(const Home& home, const fs::path& bin_dir, const fs::path& sockets,
                              const std::function<void(std::string_view)>& say) {
    if (!anything_left(home, sockets)) return false;
    say("cleaning up after a supervisor that was killed");
    end_services(sockets);
    stop_server_and_wait(home.data());
    if (!read_pid_file(home.data())) return true;
    say("starting and stopping PostgreSQL, which clears what its crash left behind");
    return find_binaries(bin_dir)
        .and_then([&](const Binaries& binaries) { return clear_after_crash(home, binaries, sockets); })
        .transform([] { return true; });
}

}  // namespace

core::Expected<DownResult> down(const Home& home, const fs::path& bin_dir,
                                const std::function<void(std::string_view)>& say) {
    DownResult result;
    std::error_code ignored;
    if (!fs::exists(home.root(), ignored)) return result;
    if (auto allowed = check_may_look(home); !allowed) return std::unexpected(std::move(allowed.error()));
    if (!fs::exists(home.state(), ignored)) return result;
    const auto sockets = sockets_of(home);
    if (!sockets) return std::unexpected(sockets.error());
    if (auto owner = become_owner(home); !owner) return std::unexpected(std::move(owner.error()));
    if (const auto holder = lock_holder(home); holder && *holder > 0) {
        result.was_running = true;
        if (auto stopped = stop_supervisor(*holder); !stopped)
            return std::unexpected(std::move(stopped.error()));
    }
    const auto lock = HomeLock::take(home);
    if (!lock) return std::unexpected(lock.error());
    const auto cleaned = clean_up(home, bin_dir, *sockets, say);
    if (!cleaned) return std::unexpected(cleaned.error());
    result.cleaned_up = *cleaned;
    remove_sockets(home, *sockets);
    return write_status(home, stopped_status(home)).transform([&] { return result; });
}

}  // namespace singularity::cluster
