// sginit SOCKET: takes commands until the other end is closed.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "sandbox/init/init.hpp"
#include "sandbox/packet.hpp"

namespace {

namespace wire = singularity::sandbox::wire;
using namespace singularity::sandbox;

// The numbers of descriptors that each order needs, its payload's included.
int descriptors_of(wire::Order order) {
    switch (order) {
        case wire::Order::put: return 1;
        case wire::Order::run: return 4;
        case wire::Order::take: return 2;
    }
    return -1;
}

// False where it is not performed; else the job has closed its descriptors.
bool perform(int socket, int box, const wire::Command& command, const Arrival& arrival) {
    if (arrival.count != descriptors_of(command.order)) return false;
    void* payload =
        ::mmap(nullptr, command.payload_bytes + 1, PROT_READ, MAP_PRIVATE, arrival.descriptors[0], 0);
    if (payload == MAP_FAILED) return false;
    init::Job job{.command = command,
                  .payload = static_cast<const char*>(payload),
                  .descriptors = {},
                  .count = arrival.count - 1};
    std::memcpy(job.descriptors, arrival.descriptors + 1, sizeof(int) * static_cast<std::size_t>(job.count));
    wire::Report report{};
    switch (command.order) {
        case wire::Order::put: report = init::put_files(job, box); break;
        case wire::Order::run: report = init::run_program(job); break;
        case wire::Order::take: report = init::hand_out(job, box); break;
    }
    report.order = command.order;
    ::munmap(payload, command.payload_bytes + 1);
    send_packet(socket, &report, sizeof report, nullptr, 0);
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    const int socket = std::atoi(arguments[1]);
    // What runs in the box must not reach into this process, whose socket leads out.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(022);
    const int box = ::open("/box", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (box < 0) return 3;
    for (;;) {
        wire::Command command{};
        const Arrival arrival = receive_packet(socket, &command, sizeof command, true);
        if (arrival.bytes <= 0) return 0;
        const bool performed =
            arrival.bytes == sizeof command && !arrival.truncated && perform(socket, box, command, arrival);
        for (int i = 0; i < (performed ? 1 : arrival.count); ++i) ::close(arrival.descriptors[i]);
    }
}
