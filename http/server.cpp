#include "http/server.hpp"

#include <boost/asio.hpp>

#include "core/format.hpp"
#include "core/log.hpp"
#include "http/connection.hpp"
#include "http/descriptors.hpp"

namespace singularity::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after a failed accept, such as EMFILE
constexpr std::size_t kMaxRefusals = 64;                       // at a time; the rest waits to be accepted

core::Expected<tcp::endpoint> parse_endpoint(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("\"{}\" is not an address and port", address));
    }
    std::string host = address.substr(0, colon);
    if (host == "localhost") host = "127.0.0.1";
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(host, error);
    if (error)
        return core::failure(core::ErrorCode::invalid_input,
                             core::format("\"{}\" is not an IP address", host));
    return tcp::endpoint(ip, static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
}

Response too_many() {
    return Response::error({core::ErrorCode::not_running, "too many connections; try again", {}});
}

}  // namespace

Server::Server(tcp::acceptor acceptor, ServerOptions options, Router router)
    : acceptor_(std::move(acceptor)),
      options_(std::move(options)),
      router_(std::move(router)),
      all_ended_(acceptor_.get_executor()) {
    const std::size_t room = room_for_sockets(options_.max_connections);
    if (room < options_.max_connections) {
        core::log::warn("http.few_open_files", {{"wanted", options_.max_connections}, {"connections", room}});
    }
    options_.max_connections = std::min(room, options_.max_connections);
}

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
                             core::format("can't listen on {}: {}", options.address, error.message()));
    }
    return std::unique_ptr<Server>(new Server(std::move(acceptor), std::move(options), std::move(router)));
}

asio::awaitable<void> Server::run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::steady_timer pause(acceptor_.get_executor());
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple);
        if (error == asio::error::operation_aborted) break;
        const bool full = connections_.size() >= options_.max_connections && refusals_.size() >= kMaxRefusals;
        if (!error && !full) {
            welcome(std::move(socket));
            continue;
        }
        pause.expires_after(kAcceptPause);
        const auto [cancelled] = co_await pause.async_wait(asio::as_tuple);
        if (cancelled) break;
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    stop();
    co_await end_all();
}

void Server::welcome(tcp::socket socket) {
    const bool full = connections_.size() >= options_.max_connections;
    auto connection = std::make_shared<Connection>(std::move(socket), options_, router_);
    // The closure is kept until the coroutine has ended.
    if (full) keep(refusals_, [connection] { return connection->turn_away(too_many()); });
    else keep(connections_, [connection] { return connection->serve(); });
}

// Runs it until it ends or its signal, one of those, is given.
void Server::keep(Signals& among, std::function<asio::awaitable<void>()> work) {
    const auto signal = among.emplace(among.end());
    const auto ended = [this, &among, signal](std::exception_ptr) {
        among.erase(signal);
        if (connections_.empty() && refusals_.empty()) all_ended_.cancel();
    };
    asio::co_spawn(acceptor_.get_executor(), std::move(work),
                   asio::bind_cancellation_slot(signal->slot(), ended));
}

asio::awaitable<void> Server::end_all() {
    for (Signals* signals : {&connections_, &refusals_}) {
        for (auto each = signals->begin(); each != signals->end();)
            (each++)->emit(asio::cancellation_type::terminal);
    }
    all_ended_.expires_at(asio::steady_timer::time_point::max());
    if (!connections_.empty() || !refusals_.empty()) co_await all_ended_.async_wait(asio::as_tuple);
}

void Server::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

std::string Server::address() const {
    const auto endpoint = acceptor_.local_endpoint();
    const std::string host = endpoint.address().to_string();
    if (endpoint.address().is_v6()) return core::format("[{}]:{}", host, endpoint.port());
    return core::format("{}:{}", host, endpoint.port());
}

}  // namespace singularity::http
