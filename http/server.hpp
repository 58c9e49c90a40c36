// Serves a router over HTTP/1.1 on one address.
//
// One coroutine a connection, keep-alive, at most `max_connections` of them. A request's header and
// body are bounded in size and time; what exceeds them is answered (431, 413) or closed. Owns its
// sockets; runs wholly on the executor it is given.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "http/router.hpp"

namespace singularity::http {

struct ServerOptions {
    std::string address = "127.0.0.1:8600";  // port 0 takes a free one
    std::uint64_t max_body_bytes = 8 * 1024 * 1024;
    std::uint32_t max_header_bytes = 16 * 1024;
    std::chrono::seconds idle_timeout{60};
    int max_connections = 512;
};

class Server {
public:
    // Listens at once. refused where the address is taken or not ours, invalid_input where it is none.
    static core::Expected<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                          ServerOptions options, Router router);

    // Accepts until stop(); returns when it no longer accepts.
    boost::asio::awaitable<void> run();

    void stop();

    // The bound address, with the port that was taken.
    std::string address() const;

private:
    Server(boost::asio::ip::tcp::acceptor acceptor, ServerOptions options, Router router);
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    ServerOptions options_;
    Router router_;
    int connections_ = 0;
};

}  // namespace singularity::http
