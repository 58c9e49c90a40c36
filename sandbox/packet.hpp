// One packet of a SOCK_SEQPACKET socket, with its descriptors (SCM_RIGHTS). System calls alone: it is part of
// the box's process 1, of the launcher and of its client.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace singularity::sandbox {

inline constexpr int kMaxDescriptors = 4;

// As sendmsg: the descriptors stay the caller's. Never raises SIGPIPE.
ssize_t send_packet(int socket, const void* data, std::size_t size, const int* descriptors, int count);

struct Arrival {
    ssize_t bytes = 0;  // 0 at the end, negative with errno set
    bool truncated = false;
    int descriptors[kMaxDescriptors] = {};  // the caller's, close-on-exec
    int count = 0;
};

// As recvmsg, with MSG_DONTWAIT where `wait` is not set.
Arrival receive_packet(int socket, void* data, std::size_t size, bool wait);

}  // namespace singularity::sandbox
