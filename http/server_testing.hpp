// A server on a free loopback port in a thread of its own, and a client that speaks raw bytes. For tests.
#pragma once

#include <boost/asio.hpp>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "http/server.hpp"

namespace singularity::http::testing {

class Client {
public:
    explicit Client(const std::string& address) {
        const auto colon = address.rfind(':');
        socket_.connect({boost::asio::ip::make_address(address.substr(0, colon)),
                         static_cast<unsigned short>(std::stoi(address.substr(colon + 1)))});
    }

    void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

    // All that came so far, at least up to `text`; shorter where the server closed before.
    const std::string& read_until(std::string_view text) {
        boost::system::error_code ended;
        while (!ended && received_.find(text) == std::string::npos) {
            char bytes[4096];
            received_.append(bytes, socket_.read_some(boost::asio::buffer(bytes), ended));
        }
        return received_;
    }

    const std::string& read_all() {
        boost::system::error_code ended;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(received_), ended);
        return received_;
    }

    void close() { socket_.close(); }
    void end_sending() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }
    void reset() {
        socket_.set_option(boost::asio::socket_base::linger(true, 0));
        socket_.close();
    }

private:
    std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>();
    boost::asio::ip::tcp::socket socket_{*context_};
    std::string received_;
};

class LoopbackServer {
public:
    explicit LoopbackServer(Router router, ServerOptions options = {})
        : own_(std::make_unique<boost::asio::io_context>(1)), context_(*own_) {
        start(std::move(router), std::move(options));
    }

    // Where the routes have to do with what runs on the same context, which outlives that.
    LoopbackServer(boost::asio::io_context& context, Router router) : context_(context) {
        start(std::move(router), {});
    }

    // An error here ends the test program. NOLINTNEXTLINE(bugprone-exception-escape)
    ~LoopbackServer() {
        stop();
        ended_.wait();
        boost::asio::post(context_, [this] { stopping_.emit(boost::asio::cancellation_type::terminal); });
        if (beside_.valid()) beside_.wait();
        context_.stop();
        thread_.join();
    }

    // Runs `work`, the only one, beside the server, and cancels it at the end.
    void beside(std::function<boost::asio::awaitable<void>()> work) {
        beside_ = boost::asio::co_spawn(
            context_, std::move(work),
            boost::asio::bind_cancellation_slot(stopping_.slot(), boost::asio::use_future));
    }

    void stop() {
        boost::asio::post(context_, [this] { server_->stop(); });
    }

    Server& server() { return *server_; }
    Client connect() { return Client(server_->address()); }

    // Sends raw bytes and returns all that comes back until the server closes.
    std::string exchange(std::string_view bytes) {
        Client client = connect();
        client.send(bytes);
        return client.read_all();
    }

    // Waits until the server has this many connections.
    void until_connections(std::size_t count) {
        until([&] { return server_->connections() == count; });
    }

    // Waits until the condition holds, which the server's thread looks at.
    void until(std::function<bool()> condition) {
        while (!boost::asio::post(context_, std::packaged_task<bool()>(condition)).get()) {
            std::this_thread::yield();
        }
    }

private:
    void start(Router router, ServerOptions options) {
        options.address = "127.0.0.1:0";
        server_ = *Server::listen(context_.get_executor(), std::move(options), std::move(router));
        ended_ = boost::asio::co_spawn(context_, server_->run(), boost::asio::use_future);
        thread_ = std::thread([this] { context_.run(); });
    }

    std::unique_ptr<boost::asio::io_context> own_;
    boost::asio::io_context& context_;
    std::unique_ptr<Server> server_;
    std::future<void> ended_, beside_;
    boost::asio::cancellation_signal stopping_;
    std::thread thread_;
};

}  // namespace singularity::http::testing
