// The queues of the bus as CentralCloud makes them at its start.
#include "core/awaitable_operators.hpp"
#include "services/centralcloud/shared_queue_manager.hpp"

#include <boost/asio.hpp>

#include <gtest/gtest.h>

#include "pgclient/testing.hpp"
#include "schema/migrations.hpp"

namespace singularity::services::centralcloud {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Connection;
using pgclient::Task;

constexpr char kPrepare[] = R"(
    create extension pgmq cascade;
    do $$
    declare
        name text;
    begin
        foreach name in array '{centralcloud,singularity,genesis,nexus,console}'::text[] loop
            if to_regrole(name) is null then execute format('create role %I', name); end if;
        end loop;
    end $$)";

constexpr pgclient::Query kMissing{"test.missing", "select count(*) from public.missing_queues()"};
constexpr pgclient::Query kKeep{
    "test.keep", "select extract(day from keep)::integer from public.queue_policies where queue_name = $1"};

class SharedQueueManagerPg : public ::testing::Test {
protected:
    template <class Work>
    void serve(Work work) {
        pgclient::testing::run([&]() -> Task<void> {
            Service service(co_await boost::asio::this_coro::executor, config_, "test");
            const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
            pgclient::Pool pool(service.executor(), {.connect = connect});
            const auto session = co_await Connection::open(connect);
            co_await work(service, pool, *session);
        });
    }

    static Task<void> migrate(Connection& session) {
        co_await session.script(kPrepare);
        for (const auto& migration : schema::migrations_of("shared_queue")) {
            co_await session.script(migration.text);
        }
    }

    // What `part` lacks, once it says so; empty after half a minute.
    static Task<std::string> complaint(const Health& health) {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (health.healthy() && std::chrono::steady_clock::now() < end) {
            timer.expires_after(5ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        co_return health.healthy() ? "" : health.reasons().at("shared_queue");
    }

    pgclient::testing::TestDatabase database_;
    core::Config config_;
};

TEST_F(SharedQueueManagerPg, makes_all_queues_and_keeps_archives_as_configured) {
    config_.shared_queue_retention_days = 30;
    config_.queues["job_results"].retention_days = 7;
    serve([](Service& service, pgclient::Pool& pool, Connection& session) -> Task<void> {
        co_await migrate(session);
        co_await ensure_queues(service, pool);
        EXPECT_EQ(co_await session.one<std::int64_t>(kMissing), 0);
        EXPECT_EQ(co_await session.one<std::int32_t>(kKeep, "job_results"), 7);
        EXPECT_EQ(co_await session.one<std::int32_t>(kKeep, "job_requests"), 30);
        EXPECT_TRUE(service.health().healthy());
    });
}

TEST_F(SharedQueueManagerPg, a_database_that_is_not_ready_is_told_and_waited_for) {
    serve([](Service& service, pgclient::Pool& pool, Connection& session) -> Task<void> {
        co_await (ensure_queues(service, pool) && [](Service& watched, Connection& other) -> Task<void> {
            EXPECT_NE(co_await complaint(watched.health()), "");
            co_await migrate(other);
        }(service, session));
        EXPECT_EQ(co_await session.one<std::int64_t>(kMissing), 0);
        EXPECT_TRUE(service.health().healthy());
    });
}

TEST_F(SharedQueueManagerPg, where_it_may_not_it_makes_nothing_and_names_what_is_missing) {
    config_.shared_queue_auto_initialize = false;
    serve([](Service& service, pgclient::Pool& pool, Connection& session) -> Task<void> {
        co_await migrate(session);
        co_await (ensure_queues(service, pool) && [](Service& watched, Connection& other) -> Task<void> {
            const std::string reason = co_await complaint(watched.health());
            EXPECT_NE(reason.find("job_requests"), std::string::npos) << reason;
            EXPECT_NE(reason.find("auto_initialize"), std::string::npos) << reason;
            EXPECT_EQ(co_await other.one<std::int64_t>(kMissing), 16);
            co_await other.script("select public.ensure_queues()");
        }(service, session));
        EXPECT_TRUE(service.health().healthy());
    });
}

TEST_F(SharedQueueManagerPg, a_bus_that_is_not_used_needs_no_database) {
    config_.shared_queue_enabled = false;
    serve([](Service& service, pgclient::Pool& pool, Connection&) -> Task<void> {
        co_await ensure_queues(service, pool);
        EXPECT_TRUE(service.health().healthy());
    });
}

}  // namespace
}  // namespace singularity::services::centralcloud
