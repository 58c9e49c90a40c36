// Responses that wait and responses that stream, over a real loopback socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/event_stream.hpp"
#include "http/server_testing.hpp"

namespace singularity::http {
namespace {

namespace asio = boost::asio;
using testing::Client;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::LoopbackServer;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kWait = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kStream = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kQuick = "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kQuickAndClose = "GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// What a handler waits for, rung from another thread; and whether the handler was cancelled instead.
class Gate {
public:
    asio::awaitable<void> pass() {
        asio::steady_timer poll(co_await asio::this_coro::executor);
        const Left left{*this};
        entered_.release();
        while (!open_) {
            poll.expires_after(std::chrono::milliseconds(1));
            co_await poll.async_wait(asio::use_awaitable);
        }
        open_ = false;
    }

    void until_entered() { entered_.acquire(); }
    void until_left() { left_.acquire(); }
    void open() { open_ = true; }

private:
    struct Left {
        Gate& gate;
        ~Left() { gate.left_.release(); }
    };

    std::atomic<bool> open_ = false;
    std::counting_semaphore<> entered_{0}, left_{0};
};

class WaitingTest : public ::testing::Test {
protected:
    Router routes() {
        Router router;
        router.add("GET", "/quick",
                   [](const Request&) -> asio::awaitable<Response> { co_return Response::text("quick\n"); });
        router.add("GET", "/wait", [this](const Request&) -> asio::awaitable<Response> {
            Response response;
            response.later = [this]() -> asio::awaitable<Response> {
                co_await gate_.pass();
                co_return Response::text("waited\n");
            };
            co_return response;
        });
        router.add("GET", "/stream", [this](const Request&) -> asio::awaitable<Response> {
            co_return event_stream([this](Stream& out) -> asio::awaitable<void> {
                co_await out.write("first\n");
                co_await gate_.pass();
                co_await out.write("second\n");
            });
        });
        router.add("GET", "/broken", [](const Request&) -> asio::awaitable<Response> {
            co_return event_stream([](Stream& out) -> asio::awaitable<void> {
                co_await out.write("first\n");
                throw std::runtime_error("broken");
            });
        });
        return router;
    }

    Gate gate_;
    LoopbackServer server_{routes()};
};

TEST_F(WaitingTest, a_response_that_waits_is_sent_when_it_is_there) {
    Client client = server_.connect();
    client.send(kWait);
    gate_.until_entered();
    gate_.open();
    EXPECT_THAT(client.read_until("waited"), StartsWith("HTTP/1.1 200"));
    client.send(kQuickAndClose);
    EXPECT_THAT(client.read_all(), HasSubstr("quick"));
}

TEST_F(WaitingTest, what_waits_ends_when_its_client_closes) {
    Client client = server_.connect();
    client.send(kWait);
    gate_.until_entered();
    client.close();
    gate_.until_left();
    server_.until_connections(0);
}

TEST_F(WaitingTest, what_waits_ends_when_its_client_resets_or_ends_its_side) {
    for (const auto leave : {&Client::reset, &Client::end_sending}) {
        Client client = server_.connect();
        client.send(kWait);
        gate_.until_entered();
        (client.*leave)();
        gate_.until_left();
    }
}

TEST_F(WaitingTest, requests_that_come_early_are_answered_after_it) {
    Client client = server_.connect();
    client.send(kWait);
    gate_.until_entered();
    client.send(kQuickAndClose);
    gate_.open();
    const std::string& answers = client.read_all();
    EXPECT_LT(answers.find("waited"), answers.find("quick"));
    EXPECT_THAT(answers, HasSubstr("quick"));
}

TEST_F(WaitingTest, a_client_that_sent_early_requests_and_closes_is_noticed) {
    Client client = server_.connect();
    client.send(std::string(kWait) + std::string(kQuick));
    gate_.until_entered();
    client.send(kQuick);
    client.close();
    gate_.until_left();
}

TEST_F(WaitingTest, many_early_requests_are_all_answered) {
    Client client = server_.connect();
    client.send(kWait);
    gate_.until_entered();
    constexpr int kRequests = 2'000;  // more than is taken while the first waits
    for (int i = 1; i < kRequests; ++i) client.send(kQuick);
    client.send(kQuickAndClose);
    gate_.open();
    const std::string& answers = client.read_all();
    int quick = 0;
    for (auto at = answers.find("quick"); at != answers.npos; at = answers.find("quick", at + 1)) ++quick;
    EXPECT_EQ(quick, kRequests);
}

TEST_F(WaitingTest, who_waits_when_the_server_stops_is_told_to_try_again) {
    Client client = server_.connect();
    client.send(kWait);
    gate_.until_entered();
    server_.stop();
    const std::string& answer = client.read_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(answer, HasSubstr("Retry-After"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST_F(WaitingTest, a_stream_is_sent_while_it_is_made_and_the_connection_lives_on) {
    Client client = server_.connect();
    client.send(kStream);
    const std::string& answer = client.read_until("first\n");
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked"));
    EXPECT_THAT(answer, HasSubstr("6\r\nfirst\n"));
    gate_.open();
    client.read_until("0\r\n\r\n");
    client.send(kQuickAndClose);
    EXPECT_THAT(client.read_all(), HasSubstr("7\r\nsecond\n\r\n0\r\n\r\nHTTP/1.1 200"));
}

TEST_F(WaitingTest, an_old_client_gets_a_stream_without_chunks) {
    gate_.open();
    const std::string answer = server_.exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("\r\n\r\nfirst\nsecond\n"));
    EXPECT_THAT(answer, Not(HasSubstr("chunked")));
}

TEST_F(WaitingTest, a_head_request_for_a_stream_gets_its_headers_at_once) {
    const std::string answer =
        server_.exchange("HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("text/event-stream"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(WaitingTest, a_stream_ends_when_its_client_closes) {
    Client client = server_.connect();
    client.send(kStream);
    gate_.until_entered();
    client.close();
    gate_.until_left();
}

TEST_F(WaitingTest, a_stream_that_fails_is_cut_short) {
    const std::string answer = server_.exchange("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("6\r\nfirst\n\r\n"));
}

TEST(SlowClient, a_stream_waits_for_its_client_and_gives_up_one_that_takes_nothing) {
    constexpr std::size_t kMuch = 256 * 1024 * 1024;
    std::atomic<std::size_t> written = 0;
    Router router;
    router.add("GET", "/much", [&](const Request&) -> asio::awaitable<Response> {
        co_return event_stream([&](Stream& out) -> asio::awaitable<void> {
            const std::string piece(64 * 1024, 'x');
            for (; written < kMuch; written += piece.size()) co_await out.write(piece);
        });
    });
    LoopbackServer server(std::move(router), {.idle_timeout = std::chrono::seconds(1)});
    Client client = server.connect();
    client.send("GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
    server.until_connections(1);
    server.until_connections(0);
    EXPECT_LT(written, kMuch);
}

}  // namespace
}  // namespace singularity::http
