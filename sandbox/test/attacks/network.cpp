// The network: every family, and what listens on loopback.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

struct Family {
    const char* name;
    const char* socket;  // family, type, protocol
};

constexpr Family kFamilies[] = {
    {"AF_INET", "2 1 0"},           {"AF_INET_ICMP", "2 3 1"},
    {"AF_INET_RAW", "2 3 255"},     {"AF_INET_MPTCP", "2 1 262"},
    {"AF_INET6", "10 1 0"},         {"AF_NETLINK_ROUTE", "16 3 0"},
    {"AF_NETLINK_AUDIT", "16 3 9"}, {"AF_NETLINK_NETFILTER", "16 3 12"},
    {"AF_PACKET", "17 3 768"},      {"AF_KEY", "15 3 2"},
    {"AF_RDS", "21 5 0"},           {"AF_CAN", "29 3 1"},
    {"AF_TIPC", "30 4 0"},          {"AF_BLUETOOTH", "31 3 1"},
    {"AF_NFC", "39 5 0"},           {"AF_QIPCRTR", "42 2 0"},
    {"AF_SMC", "43 1 0"},           {"AF_XDP", "44 3 0"},
};

constexpr const char* kNo = "EAFNOSUPPORT|EPERM|EACCES|EPROTONOSUPPORT";

}  // namespace

std::vector<Attack> network_attacks() {
    const std::string layers = "seccomp, network namespace";
    std::vector<Attack> attacks = {
        refused("connects_to_the_host_over_ip4", {"connect_tcp4 {tcp4}"}, kNo, layers),
        refused("connects_to_the_host_over_ip6", {"connect_tcp6 {tcp6}"}, kNo, layers),
        refused("sends_a_datagram_to_the_host", {"send_udp4 {udp4}"}, kNo, layers),
        refused("connects_to_an_abstract_socket", {"connect_unix {abstract}"}, "ECONNREFUSED",
                "network namespace"),
        refused("connects_to_a_socket_by_path", {"connect_unix {socket}"}, "ENOENT", "mounts"),
        refused("connects_towards_the_hypervisor", {"open_vsock"}, kNo, "seccomp"),
        refused("uses_the_kernels_ciphers", {"use_kernel_ciphers"}, kNo, "seccomp"),
        refused("pairs_sockets_of_tipc", {"open_socket_pair 30", "open_socket_pair 1"}, kNo, "seccomp"),
        refused("opens_any_other_family", {"open_any_family"}, kNo, "seccomp"),
    };
    for (const Family& family : kFamilies)
        attacks.push_back(refused(std::string("opens_") + family.name,
                                  {std::string("open_socket ") + family.socket}, kNo, "seccomp"));
    return in_category("network", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
