#include "http/server.hpp"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <format>

#include "core/log.hpp"

namespace singularity::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after a failed accept, such as EMFILE

core::Expected<tcp::endpoint> parse_endpoint(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        return core::failure(core::ErrorCode::invalid_input,
                             std::format("\"{}\" is not an address and port", address));
    }
    std::string host = address.substr(0, colon);
    if (host == "localhost") host = "127.0.0.1";
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(host, error);
    if (error)
        return core::failure(core::ErrorCode::invalid_input,
                             std::format("\"{}\" is not an IP address", host));
    return tcp::endpoint(ip, static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
}

Request read_request(beast::http::request<beast::http::string_body>&& message) {
    Request request;
    request.method = message.method_string();
    const std::string_view target = message.target();
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    for (const auto& field : message) {
        std::string name = field.name_string();
        for (char& letter : name)
            letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        request.headers.emplace(std::move(name), field.value());
    }
    request.body = std::move(message.body());
    return request;
}

beast::http::response<beast::http::string_body> write_response(Response&& response, unsigned version,
                                                               bool keep_alive, bool head) {
    beast::http::response<beast::http::string_body> message;
    message.result(static_cast<unsigned>(response.status));
    message.version(version);
    message.set(beast::http::field::content_type, response.content_type);
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(keep_alive);
    const std::size_t length = response.body.size();
    if (!head) message.body() = std::move(response.body);
    message.content_length(length);
    return message;
}

int status_of(const beast::error_code& error) {
    if (error == beast::http::error::body_limit) return 413;
    if (error == beast::http::error::header_limit) return 431;
    return error.category() == beast::http::make_error_code(beast::http::error::bad_method).category() ? 400
                                                                                                       : 0;
}

}  // namespace

Server::Server(tcp::acceptor acceptor, ServerOptions options, Router router)
    : acceptor_(std::move(acceptor)), options_(std::move(options)), router_(std::move(router)) {}

core::Expected<std::unique_ptr<Server>> Server::listen(asio::any_io_executor executor, ServerOptions options,
                                                       Router router) {
    const auto endpoint = parse_endpoint(options.address);
    if (!endpoint) return std::unexpected(endpoint.error());
    tcp::acceptor acceptor(executor);
    boost::system::error_code error;
    acceptor.open(endpoint->protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(*endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
        return core::failure(core::ErrorCode::refused,
                             std::format("can't listen on {}: {}", options.address, error.message()));
    }
    return std::unique_ptr<Server>(new Server(std::move(acceptor), std::move(options), std::move(router)));
}

asio::awaitable<void> Server::run() {
    const auto executor = co_await asio::this_coro::executor;
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple);
        if (error == asio::error::operation_aborted) break;
        if (error || connections_ >= options_.max_connections) {
            asio::steady_timer pause(executor, kAcceptPause);
            co_await pause.async_wait(asio::as_tuple);
            continue;
        }
        ++connections_;
        asio::co_spawn(executor, serve(std::move(socket)), [this](std::exception_ptr) { --connections_; });
    }
}

asio::awaitable<void> Server::serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(options_.max_header_bytes + 64 * 1024);
    bool keep_alive = true;
    while (keep_alive) {
        stream.expires_after(options_.idle_timeout);
        beast::http::request_parser<beast::http::string_body> parser;
        parser.body_limit(options_.max_body_bytes);
        parser.header_limit(options_.max_header_bytes);
        const auto [error, size] = co_await beast::http::async_read(stream, buffer, parser, asio::as_tuple);
        Response response;
        bool head = false;
        unsigned version = 11;
        if (error) {
            response.status = status_of(error);
            if (response.status == 0) break;
            response.body = error.message() + "\n";
            keep_alive = false;
        } else {
            keep_alive = parser.get().keep_alive();
            head = parser.get().method() == beast::http::verb::head;
            version = parser.get().version();
            stream.expires_never();
            response = co_await router_.answer(read_request(parser.release()));
            stream.expires_after(options_.idle_timeout);
        }
        const auto message = write_response(std::move(response), version, keep_alive, head);
        beast::http::response_serializer<beast::http::string_body> serializer(message);
        serializer.split(head);
        const auto [failed, written] =
            head ? co_await beast::http::async_write_header(stream, serializer, asio::as_tuple)
                 : co_await beast::http::async_write(stream, serializer, asio::as_tuple);
        if (failed) break;
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Server::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

std::string Server::address() const {
    const auto endpoint = acceptor_.local_endpoint();
    const std::string host = endpoint.address().to_string();
    if (endpoint.address().is_v6()) return std::format("[{}]:{}", host, endpoint.port());
    return std::format("{}:{}", host, endpoint.port());
}

}  // namespace singularity::http
