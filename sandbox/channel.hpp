// A SOCK_SEQPACKET socket with descriptors, as coroutines. Throws SandboxError where the other end is gone,
// and system_error (operation_aborted) where it is cancelled. One reader and one writer at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>
#include <vector>

#include "core/descriptor.hpp"

namespace singularity::sandbox {

struct Packet {
    std::string bytes;
    std::vector<core::Descriptor> descriptors;
};

class Channel {
public:
    // `peer` names the other end in errors.
    Channel(boost::asio::any_io_executor executor, core::Descriptor socket, std::string peer);

    boost::asio::awaitable<void> send(std::string bytes, std::vector<int> descriptors);

    // Nothing at the end of the other side. Packets longer than wire::kMaxPacket end it too.
    boost::asio::awaitable<std::optional<Packet>> receive();

private:
    boost::asio::posix::stream_descriptor socket_;
    std::string peer_;
};

template <typename Structure>
std::string bytes_of(const Structure& structure) {
    return {reinterpret_cast<const char*>(&structure), sizeof structure};
}

}  // namespace singularity::sandbox
