#include "cluster/notify_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <optional>
#include <string>

#include "cluster/os_error.hpp"
#include "core/format.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;

struct Datagram {
    pid_t sender = 0;
    std::string text;
};

pid_t sender_of(msghdr& header) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
        ucred credentials{};
        std::memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
        return credentials.pid;
    }
    return 0;
}

std::optional<Datagram> take_one(int socket) {
    std::array<char, 4096> text;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
    iovec buffer{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &buffer;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t length = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0) return std::nullopt;
    return Datagram{sender_of(header), std::string(text.data(), static_cast<std::size_t>(length))};
}

}  // namespace

core::Expected<NotifySocket> NotifySocket::open(asio::any_io_executor executor,
                                                const std::filesystem::path& path) {
    ::unlink(path.c_str());
    asio::local::datagram_protocol::socket socket(executor);
    boost::system::error_code error;
    socket.open({}, error);
    if (!error) socket.bind({path.string()}, error);
    const int on = 1;
    if (error || ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
        return os_failure(core::format("cannot listen on {}", path.string()), std::error_code(error));
    }
    return NotifySocket(std::move(socket));
}

asio::awaitable<void> NotifySocket::receive(Handler handler) {
    for (;;) {
        co_await socket_.async_wait(asio::socket_base::wait_read, asio::use_awaitable);
        while (const auto datagram = take_one(socket_.native_handle())) {
            handler(datagram->sender, parse_notify(datagram->text));
        }
    }
}

}  // namespace singularity::cluster
