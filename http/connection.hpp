// One connection, from its first request to its last. For this folder alone.
//
//     reading ──request──▶ handling ──later──▶ waiting ──▶ writing or streaming ──keep-alive──▶ reading
//
// Whatever it waits for outside of `handling`, it is over as soon as the client has gone. While it waits, it
// holds the socket, a few bytes that came too early, and what the response itself captured: nothing of the
// request. Cancelled, it says its last words (what a handler answers then, or a 503) and closes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <optional>

#include "http/router.hpp"
#include "http/server.hpp"
#include "http/wire.hpp"

namespace singularity::http {

class Connection {
public:
    // `options` and `router` outlive it.
    Connection(boost::asio::ip::tcp::socket socket, const ServerOptions& options, const Router& router);

    // Until either side closes. Throws only what cancels it before it read a request.
    boost::asio::awaitable<void> serve();

    // Answers whatever comes with this alone.
    boost::asio::awaitable<void> turn_away(Response response);

private:
    boost::asio::awaitable<std::optional<Response>> next_response(Exchange& exchange);
    boost::asio::awaitable<std::optional<Response>> wait_for(Response response);
    boost::asio::awaitable<void> gone();
    bool take_what_came();
    boost::asio::awaitable<bool> write_whole(const Response& response, Exchange exchange);
    boost::asio::awaitable<bool> write_stream(const Response& response, Exchange exchange);
    boost::asio::awaitable<bool> write_body(const Response& response, bool chunked);
    boost::asio::awaitable<void> linger();

    const ServerOptions& options_;
    const Router& router_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    std::chrono::seconds write_timeout_;
};

}  // namespace singularity::http
