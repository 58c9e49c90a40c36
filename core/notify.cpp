#include "core/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "core/format.hpp"

namespace singularity::core {

void notify(std::string_view assignments) {
    const char* path = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (path == nullptr || *path == '\0') return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = std::strlen(path);
    if (length >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0';
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    ::sendto(socket, assignments.data(), assignments.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
    ::close(socket);
}

void notify_ready() {
    notify("READY=1");
}

void notify_status(std::string_view text) {
    notify_field("STATUS", text);
}

void notify_field(std::string_view name, std::string_view value) {
    notify(core::format("{}={}", name, value));
}

void notify_healthy() {
    notify("X_SINGULARITY_STATE=healthy\nSTATUS=");
}

void notify_degraded(std::string_view reason) {
    notify(core::format("X_SINGULARITY_STATE=degraded\nSTATUS={}", reason));
}

}  // namespace singularity::core
