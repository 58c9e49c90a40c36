#include "sandbox/packet.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace singularity::sandbox {

namespace {

union Control {
    char bytes[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
    cmsghdr alignment;
};

void take_descriptors(const cmsghdr* header, Arrival& arrival) {
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int descriptor;
        std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
        if (arrival.count < kMaxDescriptors) arrival.descriptors[arrival.count++] = descriptor;
        else ::close(descriptor);
    }
}

}  // namespace

ssize_t send_packet(int socket, const void* data, std::size_t size, const int* descriptors, int count) {
    iovec part{.iov_base = const_cast<void*>(data), .iov_len = size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    Control control{};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * static_cast<std::size_t>(count));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * static_cast<std::size_t>(count));
        std::memcpy(CMSG_DATA(header), descriptors, sizeof(int) * static_cast<std::size_t>(count));
    }
    ssize_t sent;
    do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

Arrival receive_packet(int socket, void* data, std::size_t size, bool wait) {
    iovec part{.iov_base = data, .iov_len = size};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    Arrival arrival;
    do arrival.bytes = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    while (arrival.bytes < 0 && errno == EINTR);
    if (arrival.bytes < 0) return arrival;
    arrival.truncated = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(header))) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            take_descriptors(header, arrival);
        }
    }
    return arrival;
}

}  // namespace singularity::sandbox
