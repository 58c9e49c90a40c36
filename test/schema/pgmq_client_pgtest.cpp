// PgmqClient as the instance that uses it: on the bus, whose queues it may not create, and in its own
// database.
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "pgclient/error.hpp"
#include "services/singularity/pgmq_client.hpp"

namespace singularity::schema::test {
namespace {

using namespace services::instance;
using boost::asio::awaitable;

awaitable<std::unique_ptr<pgclient::Connection>> connect(std::string_view database) {
    co_return co_await pgclient::Connection::open({.dsn = dsn_of("singularity", database)});
}

TEST(PgmqClient, finds_the_queues_of_the_bus_by_any_of_their_names) {
    run([]() -> awaitable<void> {
        const auto bus = co_await connect("shared_queue");
        co_await ensure_all_queues(*bus);
        co_await ensure_queue(*bus, "ai_requests");
        EXPECT_THROW(co_await ensure_queue(*bus, "nowhere"), pgclient::DbError);
    }());
}

TEST(PgmqClient, sends_reads_and_acknowledges) {
    run([]() -> awaitable<void> {
        const auto own = co_await connect("singularity");
        for (int i = 0; i < 2; ++i) co_await ensure_queue(*own, "guide");
        const std::int64_t id = co_await send_message(*own, "guide", {{"task", "design"}});
        const auto messages = co_await read_messages(*own, "guide", 5);
        EXPECT_EQ(messages.size(), 1U);
        EXPECT_EQ(messages.at(0).msg_id, id);
        EXPECT_EQ(messages.at(0).read_ct, 1);
        EXPECT_EQ(messages.at(0).message.value().at("task"), "design");
        EXPECT_TRUE((co_await read_messages(*own, "guide", 5)).empty());
        EXPECT_TRUE(co_await ack_message(*own, "guide", id));
        EXPECT_FALSE(co_await ack_message(*own, "guide", id));
        EXPECT_THROW(co_await read_messages(*own, "guide", -1), pgclient::DbError);
        co_await own->script("select pgmq.drop_queue('guide')");
    }());
}

}  // namespace
}  // namespace singularity::schema::test
