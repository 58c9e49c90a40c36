// The supervisor's end of the sd_notify protocol: a datagram socket whose messages carry the sender's
// process id, vouched for by the kernel. Source: sd_notify(3), unix(7) SCM_CREDENTIALS.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <filesystem>
#include <functional>

#include "cluster/notify_message.hpp"
#include "core/error.hpp"

namespace singularity::cluster {

class NotifySocket {
public:
    using Handler = std::function<void(pid_t sender, const NotifyMessage&)>;

    // Binds `path`, replacing what a dead supervisor left there. The caller holds the home's lock.
    static core::Expected<NotifySocket> open(boost::asio::any_io_executor executor,
                                             const std::filesystem::path& path);

    // Hands every message over until the socket is closed or the coroutine is cancelled.
    boost::asio::awaitable<void> receive(Handler handler);

private:
    explicit NotifySocket(boost::asio::local::datagram_protocol::socket socket)
        : socket_(std::move(socket)) {}

    boost::asio::local::datagram_protocol::socket socket_;
};

}  // namespace singularity::cluster
