// A pool against a server: its bound, its order, what it gives back, and how it comes through failures.
#include "core/awaitable_operators.hpp"
#include "pgclient/pool.hpp"
#include "pgclient/testing.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace singularity::pgclient {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::run;
using testing::until;

constexpr Query kOne{"one", "select 1"};
constexpr Query kPid{"pid", "select pg_backend_pid()"};
constexpr Query kTerminate{"terminate", "select pg_terminate_backend($1)"};

// For pools whose callers are impatient: the connection comes even if its caller has gone.
Task<Lease> acquire_at_last(Pool& pool) {
    for (;;) {
        try {
            co_return co_await pool.acquire();
        } catch (const DbError& error) {
            EXPECT_EQ(error.sqlstate(), kNoConnection);
        }
    }
}

class PoolPg : public ::testing::Test {
protected:
    PoolOptions options(std::size_t size) const {
        return {.connect = {.dsn = database_.dsn(), .application_name = "pool_pgtest"}, .size = size};
    }
    Task<std::unique_ptr<Connection>> observer() { return Connection::open({.dsn = database_.dsn()}); }

    static Task<boost::asio::any_io_executor> executor() {
        co_return co_await boost::asio::this_coro::executor;
    }

    // Lets everything that is ready run.
    static Task<void> settle() { return boost::asio::post(boost::asio::use_awaitable); }

    testing::TestDatabase database_;
};

TEST_F(PoolPg, many_callers_share_few_connections_and_all_are_served) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(4));
        std::set<std::int32_t> backends;
        int served = 0;
        const auto caller = [&]() -> Task<void> {
            auto lease = co_await pool.acquire();
            backends.insert(co_await lease->one<std::int32_t>(kPid));
            ++served;
        };
        for (int i = 0; i < 50; ++i)
            boost::asio::co_spawn(co_await executor(), caller(), boost::asio::detached);
        while (served < 50) co_await settle();
        EXPECT_LE(backends.size(), 4u);
        EXPECT_EQ(pool.status().waiting, 0u);
    });
}

TEST_F(PoolPg, a_full_queue_refuses_at_once) {
    run([&]() -> Task<void> {
        PoolOptions few = options(1);
        few.max_waiting = 1;
        Pool pool(co_await executor(), few);
        std::optional<Lease> held = co_await pool.acquire();
        bool served = false;
        const auto waiter = [&]() -> Task<void> {
            const auto lease = co_await pool.acquire();
            served = true;
        };
        boost::asio::co_spawn(co_await executor(), waiter(), boost::asio::detached);
        while (pool.status().waiting == 0) co_await settle();
        const auto refused = co_await failure_of(pool.acquire());
        EXPECT_EQ(refused->cause(), Cause::pool);
        EXPECT_EQ(refused->sqlstate(), kPoolFull);
        held.reset();
        while (!served) co_await settle();
    });
}

TEST_F(PoolPg, who_waits_too_long_is_told_so_and_leaves_the_queue) {
    run([&]() -> Task<void> {
        PoolOptions impatient = options(1);
        impatient.acquire_timeout = 20ms;
        Pool pool(co_await executor(), impatient);
        const auto held = co_await acquire_at_last(pool);
        const auto failure = co_await failure_of(pool.acquire());
        EXPECT_EQ(failure->sqlstate(), kNoConnection);
        EXPECT_EQ(pool.status().waiting, 0u);
    });
}

TEST_F(PoolPg, a_cancelled_caller_leaves_the_queue) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(1));
        const auto held = co_await pool.acquire();
        boost::asio::cancellation_signal signal;
        std::optional<DbError> failure;
        const auto waiter = [&]() -> Task<void> { failure = co_await failure_of(pool.acquire()); };
        boost::asio::co_spawn(co_await executor(), waiter(),
                              boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
        while (pool.status().waiting == 0) co_await settle();
        signal.emit(boost::asio::cancellation_type::terminal);
        while (!failure) co_await settle();
        EXPECT_EQ(failure->cause(), Cause::cancelled);
        EXPECT_EQ(pool.status().waiting, 0u);
    });
}

TEST_F(PoolPg, what_one_caller_left_open_the_next_does_not_see) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(1));
        std::int32_t backend = 0;
        {
            auto lease = co_await pool.acquire();
            backend = lease->backend_pid();
            co_await lease->script("create table kept (i int)");
            co_await lease->exec({"set", "set search_path = nowhere"});
            co_await lease->exec({"lock", "select pg_advisory_lock(1)"});
            auto transaction = co_await lease->begin();
            co_await lease->exec({"add", "insert into public.kept values (1)"});
        }
        auto lease = co_await pool.acquire();
        EXPECT_EQ(lease->backend_pid(), backend) << "it was cleaned, not replaced";
        EXPECT_EQ(co_await lease->one<std::int64_t>({"count", "select count(*) from kept"}), 0);
        EXPECT_EQ(
            co_await lease->one<std::int64_t>({"locks",
                                               "select count(*) from pg_locks where locktype = 'advisory' "
                                               "and pid = pg_backend_pid()"}),
            0);
        EXPECT_FALSE(lease->dirty());
    });
}

TEST_F(PoolPg, cleaning_keeps_prepared_statements) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(1));
        {
            auto lease = co_await pool.acquire();
            co_await lease->exec(kOne);
            co_await lease->exec({"set", "set work_mem = '1MB'"});
        }
        auto lease = co_await pool.acquire();
        EXPECT_EQ(co_await lease->one<bool>(
                      {"known", "select exists (select from pg_prepared_statements where name = 'one')"}),
                  true);
        EXPECT_EQ(co_await lease->exec(kOne), 1u);
    });
}

TEST_F(PoolPg, a_connection_that_was_lost_in_use_is_replaced) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(1));
        std::int32_t lost = 0;
        {
            auto lease = co_await pool.acquire();
            lost = lease->backend_pid();
            const auto failure = co_await failure_of(lease->exec(kTerminate, lost));
            EXPECT_TRUE(failure->connection_lost());
        }
        auto lease = co_await pool.acquire();
        EXPECT_NE(lease->backend_pid(), lost);
        EXPECT_EQ(co_await lease->exec(kOne), 1u);
    });
}

TEST_F(PoolPg, a_connection_that_the_server_closed_while_idle_is_not_given_out) {
    run([&]() -> Task<void> {
        Pool pool(co_await executor(), options(1));
        const auto watcher = co_await observer();
        std::int32_t lost = 0;
        {
            auto lease = co_await pool.acquire();
            lost = lease->backend_pid();
        }
        co_await watcher->exec(kTerminate, lost);
        co_await until(*watcher,
                       "not exists (select from pg_stat_activity where pid = " + std::to_string(lost) + ")");
        auto lease = co_await pool.acquire();
        EXPECT_NE(lease->backend_pid(), lost);
        EXPECT_EQ(co_await lease->exec(kOne), 1u);
    });
}

TEST_F(PoolPg, an_ending_pool_turns_waiters_away_and_leaves_leases_usable) {
    run([&]() -> Task<void> {
        auto pool = std::make_unique<Pool>(co_await executor(), options(1));
        auto lease = co_await pool->acquire();
        std::optional<DbError> failure;
        const auto waiter = [&]() -> Task<void> { failure = co_await failure_of(pool->acquire()); };
        boost::asio::co_spawn(co_await executor(), waiter(), boost::asio::detached);
        while (pool->status().waiting == 0) co_await settle();
        pool.reset();
        while (!failure) co_await settle();
        EXPECT_EQ(failure->sqlstate(), kNoConnection);
        EXPECT_EQ(co_await lease->exec(kOne), 1u);
    });
}

// The context's run() ends although the pool is still there, with an idle connection.
TEST_F(PoolPg, a_pool_at_rest_keeps_nothing_running) {
    boost::asio::io_context context(1);
    Pool pool(context.get_executor(), options(2));
    boost::asio::co_spawn(
        context,
        [&]() -> Task<void> {
            auto lease = co_await pool.acquire();
            co_await lease->exec(kOne);
        },
        boost::asio::detached);
    context.run();
    EXPECT_EQ(pool.status().idle, 1u);
}

TEST(PoolRestartPg, a_stopped_server_is_told_and_a_started_one_is_found_again) {
    const testing::OwnCluster cluster;
    run([&]() -> Task<void> {
        PoolOptions options{.connect = {.dsn = cluster.dsn()}, .size = 2, .acquire_timeout = 100ms};
        Pool pool(co_await boost::asio::this_coro::executor, options);
        {
            auto lease = co_await acquire_at_last(pool);
            co_await lease->exec(kOne);
        }
        cluster.control("stop");
        const auto failure = co_await failure_of(pool.acquire());
        EXPECT_EQ(failure->sqlstate(), kNoConnection);
        EXPECT_THAT(failure->what(), HasSubstr("No such file or directory"));
        EXPECT_GT(pool.status().failures, 0u);
        cluster.control("start");
        auto lease = co_await acquire_at_last(pool);
        EXPECT_EQ(co_await lease->exec(kOne), 1u);
        EXPECT_EQ(pool.status().last_error, "");
    });
}

TEST(PoolRestartPg, a_caller_waits_through_a_restart) {
    const testing::OwnCluster cluster;
    run([&]() -> Task<void> {
        PoolOptions options{.connect = {.dsn = cluster.dsn()}, .acquire_timeout = 60s};
        Pool pool(co_await boost::asio::this_coro::executor, options);
        cluster.control("kill");
        bool started = false;
        const auto caller = [&]() -> Task<void> {
            auto lease = co_await pool.acquire();
            EXPECT_TRUE(started);
            EXPECT_EQ(co_await lease->exec(kOne), 1u);
        };
        const auto starter = [&]() -> Task<void> {
            while (pool.status().failures == 0) co_await boost::asio::post(boost::asio::use_awaitable);
            started = true;
            cluster.control("start");
        };
        co_await (caller() && starter());
    });
}

}  // namespace
}  // namespace singularity::pgclient
