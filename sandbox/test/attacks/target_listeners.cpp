// Sockets on loopback, in the abstract namespace and in a folder, that nobody should reach.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

namespace {

struct Listener {
    std::string name;
    int endpoint = -1;
    std::string address{};
};

template <typename Address>
Listener listen_at(const char* name, int type, Address address, socklen_t length = sizeof(Address)) {
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    Listener made{name, socket(generic->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (made.endpoint < 0 || bind(made.endpoint, generic, length) != 0) return made;
    if (type == SOCK_STREAM) listen(made.endpoint, 16);
    getsockname(made.endpoint, generic, &length);
    if (generic->sa_family != AF_UNIX)
        made.address = std::to_string(ntohs(reinterpret_cast<sockaddr_in*>(generic)->sin_port));
    return made;
}

Listener listen_at_name(const char* name, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (path[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    Listener made = listen_at(name, SOCK_STREAM, address, length);
    made.address = path;
    return made;
}

class Listeners : public Target {
public:
    explicit Listeners(const std::string& secret) : path_("/tmp/" + secret + ".socket") {
        sockaddr_in ip4{};
        ip4.sin_family = AF_INET;
        ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr_in6 ip6{};
        ip6.sin6_family = AF_INET6;
        ip6.sin6_addr = in6addr_loopback;
        all_ = {listen_at("tcp4", SOCK_STREAM, ip4), listen_at("tcp6", SOCK_STREAM, ip6),
                listen_at("udp4", SOCK_DGRAM, ip4), listen_at_name("abstract", "@" + secret),
                listen_at_name("socket", path_)};
    }
    ~Listeners() override {
        for (const Listener& listener : all_) close(listener.endpoint);
        unlink(path_.c_str());
    }

    std::map<std::string, std::string> names() const override {
        std::map<std::string, std::string> names;
        // A machine without IPv6 has no such listener: its attack is refused by the kernel.
        for (const Listener& listener : all_)
            names[listener.name] = listener.address.empty() ? "9" : listener.address;
        return names;
    }

    std::vector<std::string> touched() override {
        std::vector<std::string> sentences;
        char byte;
        for (const Listener& listener : all_) {
            const int peer = accept4(listener.endpoint, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer >= 0) close(peer);
            if (peer >= 0 || recv(listener.endpoint, &byte, 1, MSG_DONTWAIT) > 0)
                sentences.push_back("somebody connected: " + listener.name);
        }
        return sentences;
    }

private:
    std::string path_;
    std::vector<Listener> all_;
};

}  // namespace

std::unique_ptr<Target> listeners(const std::string& secret) {
    return std::make_unique<Listeners>(secret);
}

}  // namespace singularity::sandbox::attacks
