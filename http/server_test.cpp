// The server over a real loopback socket, spoken to in raw bytes.
#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio.hpp>

#include <thread>

namespace singularity::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

class ServerTest : public testing::Test {
protected:
    void SetUp() override {
        Router router;
        router.add("GET", "/hello", [](const Request& request) -> asio::awaitable<Response> {
            co_return Response::text("hello " + request.query);
        });
        router.add("POST", "/echo", [](const Request& request) -> asio::awaitable<Response> {
            co_return Response::text(request.body);
        });
        server_ = *Server::listen(context_.get_executor(),
                                  {.address = "127.0.0.1:0", .max_body_bytes = 100, .max_header_bytes = 1024},
                                  std::move(router));
        asio::co_spawn(context_, server_->run(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    void TearDown() override {
        asio::post(context_, [this] { server_->stop(); });
        context_.stop();
        thread_.join();
    }

    // Sends raw bytes and returns all that comes back until the server closes.
    std::string exchange(const std::string& bytes) {
        asio::io_context local;
        tcp::socket socket(local);
        const std::string address = server_->address();
        const auto port = static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
        socket.connect({asio::ip::make_address("127.0.0.1"), port});
        asio::write(socket, asio::buffer(bytes));
        std::string answer;
        boost::system::error_code ended;
        asio::read(socket, asio::dynamic_buffer(answer), ended);
        return answer;
    }

    asio::io_context context_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

TEST_F(ServerTest, answers_two_requests_on_one_connection) {
    const std::string answer = exchange(
        "GET /hello?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /hello?a=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("hello a=1"));
    EXPECT_THAT(answer, HasSubstr("hello a=2"));
}

TEST_F(ServerTest, a_head_request_gets_the_length_and_no_body) {
    const std::string answer = exchange("HEAD /hello?abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: 9"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, a_body_over_the_limit_is_refused) {
    EXPECT_THAT(
        exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')),
        StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, a_header_over_the_limit_is_refused) {
    EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerTest, what_is_no_http_is_refused) {
    EXPECT_THAT(exchange("hello there\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, a_taken_address_is_refused_with_its_name) {
    const auto second = Server::listen(context_.get_executor(), {.address = server_->address()}, Router{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, core::ErrorCode::refused);
    EXPECT_THAT(second.error().message, HasSubstr(server_->address()));
}

}  // namespace
}  // namespace singularity::http
