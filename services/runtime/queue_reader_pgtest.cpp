// A queue's reader against a server: what was amiss is told, and told no longer once it is over.
#include "services/runtime/queue_reader.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include "pgclient/error.hpp"
#include "pgclient/testing.hpp"

namespace singularity::services {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Task;
using pgclient::testing::run;

constexpr char kMakeQueue[] = "create extension pgmq cascade; select pgmq.create('jobs')";
constexpr char kMakeQueueWithOne[] =
    "create extension pgmq cascade; select pgmq.create('jobs'); select pgmq.send('jobs', '{}')";
constexpr char kEmpty[] = "delete from pgmq.q_jobs";

pgclient::DbError broken() {
    return pgclient::DbError({.message = "what the batch needs is away"});
}

class QueueReaderPg : public ::testing::Test {
protected:
    // A service whose only part works the queue off by `round`, until `observe` has seen enough.
    template <class Round, class Observe>
    void serve(std::string before, Round round, Observe observe) {
        run([&]() -> Task<void> {
            Service service(co_await boost::asio::this_coro::executor, config_, "test");
            const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
            pgclient::Pool pool(service.executor(), {.connect = connect});
            QueueReader reader(service, pool, connect, {.queue = "jobs", .visibility = 1s, .poll = 50ms});
            const auto observer = co_await pgclient::Connection::open(connect);
            co_await observer->script(before);
            co_await (service.repeat("jobs", [&]() -> Task<void> {
                co_await round(service.health(), reader);
            }) || observe(service.health(), *observer));
        });
    }

    static Task<void> until(const Health& health, bool healthy) {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (health.healthy() != healthy && std::chrono::steady_clock::now() < end) {
            timer.expires_after(10ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        EXPECT_EQ(health.healthy(), healthy);
    }

    pgclient::testing::TestDatabase database_;
    core::Config config_;
};

TEST_F(QueueReaderPg, a_queue_that_can_be_read_again_is_well_without_a_message) {
    serve(
        "", [](Health&, QueueReader& reader) -> Task<void> { co_await reader.next(); },
        [](const Health& health, pgclient::Connection& observer) -> Task<void> {
            co_await until(health, false);
            EXPECT_TRUE(health.reasons().contains("queue jobs"));
            co_await observer.script(kMakeQueue);
            co_await until(health, true);
        });
}

TEST_F(QueueReaderPg, what_failed_with_a_batch_is_amiss_until_the_batch_came_again) {
    int batches = 0;
    bool amiss_until_then = false;
    serve(
        kMakeQueueWithOne,
        [&](Health& health, QueueReader& reader) -> Task<void> {
            const auto batch = co_await reader.next();
            if (batch.empty()) co_return;
            if (++batches == 1) throw broken();
            amiss_until_then = health.reasons().contains("jobs");
            co_await reader.archive({batch.front().msg_id});
        },
        [](const Health& health, pgclient::Connection&) -> Task<void> {
            co_await until(health, false);
            co_await until(health, true);
        });
    EXPECT_EQ(batches, 2);
    EXPECT_TRUE(amiss_until_then);
}

TEST_F(QueueReaderPg, what_failed_with_a_batch_that_is_gone_is_amiss_for_a_claims_time_at_most) {
    serve(
        kMakeQueueWithOne,
        [](Health&, QueueReader& reader) -> Task<void> {
            if ((co_await reader.next()).empty()) co_return;
            throw broken();
        },
        [](const Health& health, pgclient::Connection& observer) -> Task<void> {
            co_await until(health, false);
            co_await observer.script(kEmpty);
            co_await until(health, true);
        });
}

}  // namespace
}  // namespace singularity::services
