// A keeper in a process of its own, and what it has from whoever forked it.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/format.hpp"
#include "sandbox/launcher.hpp"
#include "sandbox/packet.hpp"

namespace singularity::sandbox {

namespace {

// The ends that the keeper has.
struct KeepersEnds {
    core::Descriptor socket, orders, alive;
};

void close_all_but(std::array<int, 3> kept) {
    std::ranges::sort(kept);
    unsigned first = STDERR_FILENO + 1;
    for (const int descriptor : kept) {
        if (static_cast<unsigned>(descriptor) > first)
            ::syscall(SYS_close_range, first, static_cast<unsigned>(descriptor) - 1, 0);
        first = static_cast<unsigned>(descriptor) + 1;
    }
    ::syscall(SYS_close_range, first, ~0U, 0);
}

void write_to(int output) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
}

// It ends with the socket alone: not with the terminal, and not with who is told to stop before us. A copy of
// another launcher's socket would keep that one alive.
void stand_alone(const KeepersEnds& ends, bool silent) {
    ::setsid();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    if (silent) write_to(nothing);
    close_all_but({ends.socket.get(), ends.orders.get(), ends.alive.get()});
    [[maybe_unused]] const int moved = ::chdir("/");
}

// False where nobody is left who could say it.
bool told_to_begin(const core::Descriptor& orders) {
    char order = 0;
    const Arrival arrival = receive_packet(orders.get(), &order, 1, true);
    if (arrival.bytes != 1) return false;
    if (arrival.count > 0) write_to(arrival.descriptors[0]);
    for (int i = 0; i < arrival.count; ++i) ::close(arrival.descriptors[i]);
    return true;
}

[[noreturn]] void be_keeper(const LauncherOptions& options, KeepersEnds ends) {
    stand_alone(ends, options.silent);
    if (!told_to_begin(ends.orders)) ::_exit(0);
    ends.orders.reset();
    options.on_begin();
    const auto kept = keep_launcher(options, std::move(ends.socket));
    ::_exit(kept ? 0 : 1);
}

bool make_pair(core::Descriptor& ours, core::Descriptor& theirs) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
    ours = core::Descriptor(ends[0]);
    theirs = core::Descriptor(ends[1]);
    return true;
}

}  // namespace

core::Expected<ForkedLauncher> fork_waiting_launcher(const LauncherOptions& options) {
    ForkedLauncher forked;
    KeepersEnds ends;
    if (!make_pair(forked.client, ends.socket) || !make_pair(forked.orders, ends.orders) ||
        !make_pair(forked.ended, ends.alive)) {
        return core::failure(core::ErrorCode::failed,
                             core::format("cannot make a socket: {}", ::strerrordesc_np(errno)));
    }
    forked.keeper = ::fork();
    if (forked.keeper < 0)
        return core::failure(core::ErrorCode::failed, "cannot fork the sandbox's launcher");
    if (forked.keeper == 0) be_keeper(options, std::move(ends));
    return forked;
}

void ForkedLauncher::begin(int output) {
    send_packet(orders.get(), "b", 1, &output, output >= 0 ? 1 : 0);
    orders.reset();
}

core::Expected<ForkedLauncher> fork_launcher(const LauncherOptions& options) {
    auto forked = fork_waiting_launcher(options);
    if (forked) forked->begin();
    return forked;
}

}  // namespace singularity::sandbox
