// Serves a router over HTTP/1.1 on one address.
//
// One coroutine a connection, keep-alive, at most `max_connections` of them: one more is answered 503, with a
// second after which it may try again. A request's header and body are bounded in size and time; what exceeds
// them is answered (431, 413) or closed, and so is who does not take a response, or a piece of a stream,
// within `idle_timeout`. Owns its sockets; runs wholly on the executor it is given, which runs one handler at
// a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "http/router.hpp"

namespace singularity::http {

struct ServerOptions {
    std::string address = "127.0.0.1:8600";  // port 0 takes a free one
    std::uint64_t max_body_bytes = 8 * 1024 * 1024;
    std::uint32_t max_header_bytes = 16 * 1024;
    std::chrono::seconds idle_timeout{60};
    std::size_t max_connections = 16'384;  // fewer where the system allows fewer open files
};

class Server {
public:
    // Listens at once. refused where the address is taken or not ours, invalid_input where it is none.
    static core::Expected<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                          ServerOptions options, Router router);

    // Accepts until stop() or until it is cancelled; then cancels what waits, and returns when the last
    // connection has ended: at most a few seconds later.
    boost::asio::awaitable<void> run();

    void stop();

    std::size_t connections() const { return connections_.size(); }

    // The bound address, with the port that was taken.
    std::string address() const;

private:
    Server(boost::asio::ip::tcp::acceptor acceptor, ServerOptions options, Router router);
    void welcome(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<void> end_all();

    boost::asio::ip::tcp::acceptor acceptor_;
    ServerOptions options_;
    Router router_;
    using Signals = std::list<boost::asio::cancellation_signal>;
    void keep(Signals& among, std::function<boost::asio::awaitable<void>()> work);

    Signals connections_;
    Signals refusals_;
    boost::asio::steady_timer all_ended_;
};

}  // namespace singularity::http
