// A server on a free loopback port in a thread of its own, and a client that speaks raw bytes. For tests.
#pragma once

#include <boost/asio.hpp>

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
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_{context_};
    std::string received_;
};

class LoopbackServer {
public:
    explicit LoopbackServer(Router router, ServerOptions options = {}) {
        options.address = "127.0.0.1:0";
        server_ = *Server::listen(context_.get_executor(), std::move(options), std::move(router));
        ended_ = boost::asio::co_spawn(context_, server_->run(), boost::asio::use_future);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~LoopbackServer() {
        stop();
        thread_.join();
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
        const auto now = [this] { return server_->connections(); };
        while (boost::asio::post(context_, std::packaged_task<std::size_t()>(now)).get() != count) {
            std::this_thread::yield();
        }
    }

private:
    boost::asio::io_context context_{1};
    std::unique_ptr<Server> server_;
    std::future<void> ended_;
    std::thread thread_;
};

}  // namespace singularity::http::testing
