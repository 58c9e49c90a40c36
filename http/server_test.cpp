// The server over a real loopback socket, spoken to in raw bytes.
#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_testing.hpp"

namespace singularity::http {
namespace {

namespace asio = boost::asio;
using testing::Client;
using ::testing::HasSubstr;
using testing::LoopbackServer;
using ::testing::StartsWith;

Router sample() {
    Router router;
    router.add("GET", "/hello", [](const Request& request) -> asio::awaitable<Response> {
        co_return Response::text("hello " + request.query);
    });
    router.add("POST", "/echo", [](const Request& request) -> asio::awaitable<Response> {
        co_return Response::text(request.body);
    });
    router.add("GET", "/accept", [](const Request& request) -> asio::awaitable<Response> {
        co_return Response::text(request.headers.at("accept"));
    });
    router.add("GET", "/injected", [](const Request&) -> asio::awaitable<Response> {
        Response response = Response::text("body");
        response.headers["X-Name"] = std::string("a\r\nX-Evil: 1\r\n\r\nb\0c\nd", 21);
        response.content_type = "text/plain\r\nX-Evil: 2";
        co_return response;
    });
    return router;
}

class ServerTest : public ::testing::Test {
protected:
    std::string exchange(std::string_view bytes) { return server_.exchange(bytes); }

    LoopbackServer server_{sample(), {.max_body_bytes = 100, .max_header_bytes = 1024}};
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
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, no_value_of_a_header_ends_its_line) {
    const std::string answer = exchange("GET /injected HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("\r\nX-Name: a  X-Evil: 1    b c d\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain  X-Evil: 2\r\n"));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nbody"));
}

TEST_F(ServerTest, a_body_over_the_limit_is_refused) {
    EXPECT_THAT(
        exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')),
        AllOf(StartsWith("HTTP/1.1 413"), HasSubstr(R"({"error":{"code":"invalid_input")")));
}

TEST_F(ServerTest, a_header_over_the_limit_is_refused) {
    EXPECT_THAT(exchange("GET /hello HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerTest, what_is_no_http_is_refused) {
    EXPECT_THAT(exchange("hello there\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, a_taken_address_is_refused_with_its_name) {
    asio::io_context context;
    const std::string address = server_.server().address();
    const auto second = Server::listen(context.get_executor(), {.address = address}, Router{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, core::ErrorCode::refused);
    EXPECT_THAT(second.error().message, HasSubstr(address));
}

TEST_F(ServerTest, a_header_that_came_twice_has_both_values) {
    EXPECT_THAT(exchange("GET /accept HTTP/1.1\r\nAccept: a/b\r\nHost: x\r\naccept: c/d\r\n"
                         "Connection: close\r\n\r\n"),
                HasSubstr("a/b, c/d"));
}

TEST_F(ServerTest, who_ends_his_side_after_a_request_is_answered) {
    Client client = server_.connect();
    client.send("GET /hello?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.end_sending();
    EXPECT_THAT(client.read_all(), HasSubstr("hello a=1"));
}

TEST_F(ServerTest, a_refusal_reaches_who_is_still_sending) {
    Client client = server_.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" +
                std::string(500'000, 'x'));
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 413"));
}

TEST(FullServer, one_connection_too_many_is_told_so_and_when_to_try_again) {
    LoopbackServer server(sample(), {.max_connections = 1});
    Client first = server.connect();
    server.until_connections(1);
    const std::string refusal = server.exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(refusal, HasSubstr("Retry-After: 1"));
    first.close();
    server.until_connections(0);
    EXPECT_THAT(server.exchange("GET /hello?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr("hello b"));
}

}  // namespace
}  // namespace singularity::http
