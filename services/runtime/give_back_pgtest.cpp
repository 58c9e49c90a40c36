// A give-back of which nobody knows whether it happened.
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <filesystem>

#include "core/awaitable_operators.hpp"
#include "messages/question.hpp"
#include "pgclient/testing.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services {
namespace {

using namespace core::awaitable_operators;
using boost::asio::use_awaitable;
using messages::QuestionRequest;
using pgclient::Connection;
using pgclient::Task;
using pgclient::testing::until;
using Socket = boost::asio::local::stream_protocol::socket;

// Between a client and the server: the first answer to a give-back is lost, and its connection with it. New
// connections wait until they may go on.
class Proxy {
public:
    Proxy(boost::asio::any_io_executor executor, const std::string& server_dsn)
        : server_(server_dsn.substr(5, server_dsn.find(' ') - 5) + "/.s.PGSQL.5432"),
          folder_(std::filesystem::temp_directory_path() /
                  ("give_back_pgtest." + std::to_string(::getpid()))),
          acceptor_(executor,
                    (std::filesystem::create_directory(folder_), folder_ / ".s.PGSQL.5432").string()),
          may_go_on_(executor) {}
    ~Proxy() { std::filesystem::remove_all(folder_); }
    Proxy(const Proxy&) = delete;

    std::string folder() const { return folder_.string(); }
    bool has_lost() const { return has_lost_; }
    void go_on() {
        goes_on_ = true;
        may_go_on_.notify();
    }

    Task<void> run() {
        for (;;) {
            Socket client = co_await acceptor_.async_accept(use_awaitable);
            if (has_lost_ && !goes_on_) co_await may_go_on_.wait(std::chrono::hours(1));
            boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(client)), boost::asio::detached);
        }
    }

private:
    struct Pair {
        Socket client, server;
        bool gives_back = false;
    };

    Task<void> serve(Socket client) {
        Pair pair{std::move(client), Socket(acceptor_.get_executor())};
        try {
            co_await pair.server.async_connect(server_.string(), use_awaitable);
            co_await (ask(pair) || answer(pair));
        } catch (const std::exception&) {
            // One side has ended, and the other with it.
        }
    }

    Task<void> ask(Pair& pair) {
        for (std::array<char, 65536> chunk;;) {
            const std::size_t size =
                co_await pair.client.async_read_some(boost::asio::buffer(chunk), use_awaitable);
            const std::string_view text(chunk.data(), size);
            if (text.contains("queue.unread")) pair.gives_back = true;
            co_await boost::asio::async_write(pair.server, boost::asio::buffer(text), use_awaitable);
        }
    }

    Task<void> answer(Pair& pair) {
        for (std::array<char, 65536> chunk;;) {
            const std::size_t size =
                co_await pair.server.async_read_some(boost::asio::buffer(chunk), use_awaitable);
            const std::string_view text(chunk.data(), size);
            if (pair.gives_back && !has_lost_ && text.contains("SELECT 1")) {
                has_lost_ = true;
                co_return;
            }
            co_await boost::asio::async_write(pair.client, boost::asio::buffer(text), use_awaitable);
        }
    }

    std::filesystem::path server_, folder_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    Wakeup may_go_on_;
    bool has_lost_ = false, goes_on_ = false;
};

// Two that ended their handlers silently: one is run alone, the other given back.
constexpr char kTwoSuspects[] = R"(
    create extension pgmq cascade;
    select pgmq.create('question_requests'), pgmq.create('dead_letters');
    create table public.inbox (queue text, request_id text, result jsonb, primary key (queue, request_id));
    select pgmq.send('question_requests', jsonb_build_object('id', id, 'question', 'really?'))
    from unnest(array['first', 'second']) id;
    update pgmq.q_question_requests set read_ct = 3;
)";
constexpr pgclient::Query kClaim{"test.claim", "select msg_id from pgmq.read('question_requests', 600, 10)"};
constexpr char kFirstIsDone[] = "exists (select from pgmq.a_question_requests)";
constexpr pgclient::Query kClaimed{
    "test.claimed", "select count(*) from pgmq.q_question_requests where vt > clock_timestamp() + '300 s'"};

TEST(GiveBackPg, is_not_repeated_when_the_message_may_be_anothers_by_now) {
    const pgclient::testing::TestDatabase database;
    const core::Config config;
    pgclient::testing::run([&]() -> Task<void> {
        Service service(co_await boost::asio::this_coro::executor, config, "test");
        Proxy proxy(service.executor(), database.dsn());
        const pgclient::ConnectOptions connect{.dsn = database.dsn()};
        pgclient::Pool lossy(service.executor(),
                             {.connect = {.dsn = database.dsn() + " host=" + proxy.folder()}});
        pgclient::Pool own(service.executor(), {.connect = connect});
        const auto other = co_await Connection::open(connect);
        co_await other->script(kTwoSuspects);
        const auto nothing = [](const QuestionRequest&, Delivery&) -> Task<void> { co_return; };
        Consumer consumer(service, {lossy, connect, own}, {.queue = "question_requests"},
                          handler<QuestionRequest>(nothing));
        const auto another_claims = [&]() -> Task<void> {
            while (!proxy.has_lost()) co_await boost::asio::post(service.executor(), use_awaitable);
            EXPECT_EQ((co_await other->rows<std::int64_t>(kClaim)).size(), 1U);
            proxy.go_on();
            co_await until(*other, kFirstIsDone);
        };
        co_await (consumer.run() || another_claims() || proxy.run());
        EXPECT_EQ(co_await other->one<std::int64_t>(kClaimed), 1);
    });
}

}  // namespace
}  // namespace singularity::services
