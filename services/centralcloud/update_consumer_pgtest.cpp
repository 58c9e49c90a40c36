// What instances told, against a server: as many as are there in one commit, none for another's fault undone.
#include "core/awaitable_operators.hpp"
#include "services/centralcloud/update_consumer.hpp"

#include <boost/asio/this_coro.hpp>

#include <gtest/gtest.h>

#include "pgclient/testing.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services::centralcloud {
namespace {

using namespace core::awaitable_operators;
using pgclient::Connection;
using pgclient::Task;

// The hub's function as far as it matters here.
constexpr char kHub[] = R"(
    create extension pgmq cascade;
    select pgmq.create('centralcloud_updates'), pgmq.create('dead_letters');
    create table public.inbox (queue text, request_id text, result jsonb, primary key (queue, request_id));
    create table public.updates (request_id text primary key, color text, insights jsonb
        constraint updates_insights check (insights <> '["wrong"]'));
    create function public.accept_instance_update(message jsonb) returns boolean language sql
        begin atomic
            insert into public.updates values (message ->> 'request_id', message ->> 'color', message -> 'insights')
            on conflict do nothing;
            select true;
        end;
    select pgmq.send('centralcloud_updates', jsonb_build_object('schema_version', 1, 'request_id', 'u' || i,
        'instance_id', 'a', 'event_type', 'knowledge_update', 'color', 'blue', 'patterns', '[]'::jsonb,
        'insights', case i when 7 then '["wrong"]'::jsonb else '[]' end))
    from generate_series(1, 10) i;
)";
constexpr char kAllDone[] =
    "not exists (select from pgmq.q_centralcloud_updates) and exists (select from queue.dead_letters)";
constexpr pgclient::Query kStored{
    "test.stored", "select count(*)::text || string_agg(distinct color, ',') from public.updates"};
constexpr pgclient::Query kDead{
    "test.dead", "select request_id || ': ' || (reason like '%updates_insights%') from queue.dead_letters"};

TEST(UpdateConsumerPg, stores_whole_updates_and_buries_only_the_one_that_cannot_be_stored) {
    const pgclient::testing::TestDatabase database;
    const core::Config config;
    pgclient::testing::run([&]() -> Task<void> {
        Service service(co_await boost::asio::this_coro::executor, config, "test");
        const pgclient::ConnectOptions connect{.dsn = database.dsn()};
        pgclient::Pool pool(service.executor(), {.connect = connect});
        const auto observer = co_await Connection::open(connect);
        co_await observer->script(kHub);
        const ConsumerOptions options = batch_options(config, "centralcloud_updates");
        Consumer consumer(service, {pool, connect, pool}, options, accept_updates(pool, options.batch));
        co_await (consumer.run() || pgclient::testing::until(*observer, kAllDone));
        EXPECT_EQ(co_await observer->one<std::string>(kStored), "9blue");
        EXPECT_EQ(co_await observer->one<std::string>(kDead), "u7: true");
    });
}

}  // namespace
}  // namespace singularity::services::centralcloud
