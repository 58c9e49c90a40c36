#include "sandbox/channel.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <cstring>

#include "core/format.hpp"
#include "sandbox/box.hpp"
#include "sandbox/packet.hpp"
#include "sandbox/wire.hpp"

namespace singularity::sandbox {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

Channel::Channel(asio::any_io_executor executor, core::Descriptor socket, std::string peer)
    : socket_(executor, socket.release()), peer_(std::move(peer)) {
    socket_.native_non_blocking(true);
}

asio::awaitable<void> Channel::send(std::string bytes, std::vector<int> descriptors) {
    for (;;) {
        const ssize_t sent = send_packet(socket_.native_handle(), bytes.data(), bytes.size(),
                                         descriptors.data(), static_cast<int>(descriptors.size()));
        if (sent >= 0) co_return;
        if (errno == EPIPE) throw SandboxGone(core::format("{} is gone", peer_));
        if (errno != EAGAIN) throw SandboxError(core::format("{}: {}", peer_, ::strerrordesc_np(errno)));
        co_await socket_.async_wait(stream_descriptor::wait_write, asio::use_awaitable);
    }
}

asio::awaitable<std::optional<Packet>> Channel::receive() {
    Packet packet{.bytes = std::string(wire::kMaxPacket, '\0'), .descriptors = {}};
    for (;;) {
        const Arrival arrival =
            receive_packet(socket_.native_handle(), packet.bytes.data(), packet.bytes.size(), false);
        if (arrival.bytes < 0 && errno == EAGAIN) {
            co_await socket_.async_wait(stream_descriptor::wait_read, asio::use_awaitable);
            continue;
        }
        for (int i = 0; i < arrival.count; ++i) packet.descriptors.emplace_back(arrival.descriptors[i]);
        if (arrival.bytes <= 0 || arrival.truncated) co_return std::nullopt;
        packet.bytes.resize(static_cast<std::size_t>(arrival.bytes));
        co_return packet;
    }
}

}  // namespace singularity::sandbox
