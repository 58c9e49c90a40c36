#include "http/connection.hpp"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "core/awaitable_operators.hpp"

namespace singularity::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using namespace core::awaitable_operators;

namespace {

constexpr std::size_t kReadAhead = 64 * 1024;
constexpr std::size_t kEarly = 2 * 1024;  // bytes of a next request that are taken while this one waits
constexpr std::chrono::seconds kLastWords{2};
constexpr std::size_t kLingerBytes = 1024 * 1024;

// Everything that is sent, sent in one way: each other one would be compiled for as long as all the rest.
asio::awaitable<void> send(beast::tcp_stream& stream, std::array<std::string_view, 3> parts,
                           std::chrono::seconds timeout) {
    std::array<asio::const_buffer, 3> buffers;
    std::ranges::transform(parts, buffers.begin(), [](std::string_view part) { return asio::buffer(part); });
    stream.expires_after(timeout);
    co_await asio::async_write(stream, buffers);
}

class ConnectionStream : public Stream {
public:
    ConnectionStream(beast::tcp_stream& stream, bool chunked, std::chrono::seconds timeout)
        : stream_(stream), chunked_(chunked), timeout_(timeout) {}

    asio::awaitable<void> write(std::string_view bytes) override {
        if (bytes.empty()) co_return;  // an empty chunk would end the body
        if (!chunked_) co_return co_await send(stream_, {bytes}, timeout_);
        const std::string head = chunk_head(bytes.size());
        co_await send(stream_, {head, bytes, "\r\n"}, timeout_);
    }

    asio::awaitable<void> end() {
        if (chunked_) co_await send(stream_, {"0\r\n\r\n"}, timeout_);
    }

private:
    beast::tcp_stream& stream_;
    bool chunked_;
    std::chrono::seconds timeout_;
};

}  // namespace

Connection::Connection(tcp::socket socket, const ServerOptions& options, const Router& router)
    : options_(options),
      router_(router),
      stream_(std::move(socket)),
      buffer_(options.max_header_bytes + kReadAhead),
      write_timeout_(options.idle_timeout) {
    boost::system::error_code ignored;
    stream_.socket().non_blocking(true, ignored);
    stream_.socket().set_option(tcp::no_delay(true), ignored);
}

asio::awaitable<void> Connection::serve() {
    for (bool more = true; more;) {
        Exchange exchange;
        auto response = co_await next_response(exchange);
        if (response && response->later) response = co_await wait_for(std::move(*response));
        if (!response) break;
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            exchange.keep_alive = false;
            write_timeout_ = kLastWords;
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            if (response->stream) break;
        }
        const bool written = response->stream ? co_await write_stream(*response, exchange)
                                              : co_await write_whole(*response, exchange);
        more = written && exchange.keep_alive;
    }
    co_await linger();
}

asio::awaitable<void> Connection::turn_away(Response response) {
    co_await write_whole(response, {.keep_alive = false});
    co_await linger();
}

// Reads a request and has it handled. Nothing where the client has none.
asio::awaitable<std::optional<Response>> Connection::next_response(Exchange& exchange) {
    beast::http::request_parser<beast::http::string_body> parser;
    parser.body_limit(options_.max_body_bytes);
    parser.header_limit(options_.max_header_bytes);
    stream_.expires_after(options_.idle_timeout);
    const auto [error, size] = co_await beast::http::async_read(stream_, buffer_, parser, asio::as_tuple);
    if (error) {
        exchange.keep_alive = false;
        co_return refusal_of(error);
    }
    exchange = exchange_of(parser.get());
    co_return co_await router_.answer(to_request(parser.release()));
}

// Nothing where the client has gone meanwhile.
asio::awaitable<std::optional<Response>> Connection::wait_for(Response response) {
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    auto first = co_await (response.later() || gone());
    if (first.index() == 1) co_return std::nullopt;
    co_return std::get<0>(std::move(first));
}

// A client that ends its side is gone: it cannot be told from one that closed.
asio::awaitable<void> Connection::gone() {
    while (buffer_.size() < kEarly) {
        co_await stream_.socket().async_wait(tcp::socket::wait_read);
        if (!take_what_came()) co_return;
    }
    co_await stream_.socket().async_wait(tcp::socket::wait_error);
}

// False at the end of what comes.
bool Connection::take_what_came() {
    boost::system::error_code error;
    const std::size_t size = stream_.socket().read_some(buffer_.prepare(kEarly), error);
    buffer_.commit(size);
    return !error || error == asio::error::would_block;
}

asio::awaitable<bool> Connection::write_whole(const Response& response, Exchange exchange) {
    try {
        const std::string head = head_of(response, exchange);
        co_await send(stream_, {head, body_of(response, exchange)}, write_timeout_);
        co_return true;
    } catch (const boost::system::system_error&) {
        co_return false;
    }
}

asio::awaitable<bool> Connection::write_stream(const Response& response, Exchange exchange) {
    const bool chunked = exchange.version >= 11;
    if (!co_await write_whole(response, exchange)) co_return false;
    if (exchange.head) co_return true;
    const auto first = co_await (write_body(response, chunked) || gone());
    co_return chunked&& first.index() == 0 && std::get<0>(first);
}

// Whether the body went out whole. What failed has been logged where it was known of what.
asio::awaitable<bool> Connection::write_body(const Response& response, bool chunked) {
    try {
        ConnectionStream body(stream_, chunked, write_timeout_);
        co_await response.stream(body);
        co_await body.end();
        co_return true;
    } catch (const std::exception&) {
        co_return false;
    }
}

// Closing while bytes of the client lie unread would reset the connection, and the client might never see
// what it was answered. So it gets the time to read.
asio::awaitable<void> Connection::linger() {
    boost::system::error_code failed;
    stream_.socket().shutdown(tcp::socket::shutdown_send, failed);
    stream_.expires_after(kLastWords);
    for (std::size_t taken = 0; !failed && taken < kLingerBytes;) {
        buffer_.clear();
        const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kEarly), asio::as_tuple);
        failed = error;
        taken += size;
    }
}

}  // namespace singularity::http
