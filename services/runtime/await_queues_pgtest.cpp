// What a service waits for before it says that it is ready.
#include "core/awaitable_operators.hpp"
#include "services/runtime/await_queues.hpp"

#include <boost/asio.hpp>

#include <gtest/gtest.h>

#include "pgclient/testing.hpp"

namespace singularity::services {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Pool;
using pgclient::Task;

class AwaitQueuesPg : public ::testing::Test {
protected:
    template <class Work>
    void with_pool(Work work) {
        pgclient::testing::run([&]() -> Task<void> {
            Pool pool(co_await boost::asio::this_coro::executor, {.connect = {.dsn = database_.dsn()}});
            co_await work(pool);
        });
    }

    pgclient::testing::TestDatabase database_;
};

TEST_F(AwaitQueuesPg, returns_when_the_last_of_them_is_made) {
    with_pool([](Pool& pool) -> Task<void> {
        {
            const auto session = co_await pool.acquire();
            co_await session->script("create extension pgmq cascade; select pgmq.create('one')");
        }
        bool there = false;
        const auto wait = [&]() -> Task<void> {
            co_await await_queues(pool, {"one", "Two"}, 1h);
            there = true;
        };
        const auto make = [&]() -> Task<void> {
            const auto session = co_await pool.acquire();
            EXPECT_FALSE(there);
            co_await session->script("select pgmq.create('Two')");
        };
        co_await (wait() && make());
        EXPECT_TRUE(there);
    });
}

TEST_F(AwaitQueuesPg, waits_no_longer_than_it_is_told) {
    with_pool([](Pool& pool) -> Task<void> { co_await await_queues(pool, {"never"}, 1ms); });
}

TEST_F(AwaitQueuesPg, waits_for_nobody_who_cannot_be_asked) {
    pgclient::testing::run([&]() -> Task<void> {
        Pool away(co_await boost::asio::this_coro::executor,
                  {.connect = {.dsn = "host=/nowhere"}, .acquire_timeout = 10ms});
        co_await await_queues(away, {"one"}, 1h);
    });
}

}  // namespace
}  // namespace singularity::services
