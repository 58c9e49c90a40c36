// The network, in every family: sockets themselves, and connections to listeners of the test on loopback.
#include <arpa/inet.h>
#include <linux/if_alg.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

int send_to(int family, int type, const sockaddr* address, socklen_t length) {
    const int endpoint = socket(family, type | SOCK_CLOEXEC, 0);
    if (endpoint < 0) return denied("socket");
    if (connect(endpoint, address, length) != 0) return denied("connect");
    if (send(endpoint, "attack", 6, MSG_NOSIGNAL) != 6) return denied("send");
    return got("6 bytes sent");
}

int to_ip4(int type, const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(number(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return send_to(AF_INET, type, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

int connect_tcp4(Arguments arguments) {
    return to_ip4(SOCK_STREAM, arguments[0]);
}
int send_udp4(Arguments arguments) {
    return to_ip4(SOCK_DGRAM, arguments[0]);
}

int connect_tcp6(Arguments arguments) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<in_port_t>(number(arguments[0])));
    address.sin6_addr = in6addr_loopback;
    return send_to(AF_INET6, SOCK_STREAM, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

// "@name" is in the abstract namespace, anything else a path.
int connect_unix(Arguments arguments) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, arguments[0], sizeof address.sun_path - 1);
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const auto length = offsetof(sockaddr_un, sun_path) + std::strlen(arguments[0]);
    return send_to(AF_UNIX, SOCK_STREAM, reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(length));
}

// The namespace leaves this family alone: 2 is the machine under this one. Only the socket is made.
int open_vsock(Arguments) {
    const int endpoint = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return endpoint < 0 ? denied("socket") : got("a socket towards the hypervisor");
}

int open_socket(Arguments arguments) {
    const int endpoint =
        socket(static_cast<int>(number(arguments[0])), static_cast<int>(number(arguments[1])) | SOCK_CLOEXEC,
               static_cast<int>(number(arguments[2])));
    return endpoint < 0 ? denied("socket") : got("a socket");
}

int open_socket_pair(Arguments arguments) {
    int pair[2];
    const int family = static_cast<int>(number(arguments[0]));
    return socketpair(family, SOCK_STREAM, 0, pair) != 0 ? denied("socketpair") : got("a pair");
}

// Every family there is but AF_UNIX, with every type: the first that opens.
int open_any_family(Arguments) {
    int error = EAFNOSUPPORT;
    for (int family = 2; family < 64; ++family)
        for (int type = 1; type < 11; ++type) {
            if (socket(family, type | SOCK_CLOEXEC, 0) >= 0) return got("family %d, type %d", family, type);
            if (errno == EPERM || errno == EACCES) error = errno;
        }
    return denied("every family", error);
}

// The kernel's cipher interface, as far as a key would be set.
int use_kernel_ciphers(Arguments) {
    const int endpoint = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (endpoint < 0) return denied("socket");
    sockaddr_alg address{};
    address.salg_family = AF_ALG;
    std::strcpy(reinterpret_cast<char*>(address.salg_type), "hash");
    std::strcpy(reinterpret_cast<char*>(address.salg_name), "sha256");
    if (bind(endpoint, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return denied("bind");
    return got("sha256 of the kernel");
}

const Command kCommands[] = {
    {"connect_tcp4", connect_tcp4},
    {"connect_tcp6", connect_tcp6},
    {"send_udp4", send_udp4},
    {"connect_unix", connect_unix},
    {"open_vsock", open_vsock},
    {"open_socket", open_socket},
    {"open_socket_pair", open_socket_pair},
    {"open_any_family", open_any_family},
    {"use_kernel_ciphers", use_kernel_ciphers},
};

}  // namespace

}  // namespace attacker
