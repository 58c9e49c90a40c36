#include <gtest/gtest.h>

#include <cstdlib>

#include "backbone.hpp"
#include "catalogue.hpp"
#include "core/format.hpp"

namespace singularity::schema::test {
namespace {

// Of a database of the backbone, as the test's own psql and pg_dump do it.
void restore_as_restored(std::string_view database, std::string_view options) {
    Database admin("postgres");
    admin.script("drop database if exists restored with (force)");
    admin.script("create database restored template template0");
    const std::string command = core::format(
        "pg_dump -d '{0} dbname={1}' {2} | psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d '{0} "
        "dbname=restored'",
        admin_dsn(), database, options);
    // A test has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    ASSERT_EQ(std::system(command.c_str()), 0);
}

class Dump : public testing::TestWithParam<std::string_view> {};

// Owners, grants, queues and their rows come back from a dump, in a database of another name.
TEST_P(Dump, restores_to_the_same_rights_and_rows) {
    ASSERT_NO_FATAL_FAILURE(restore_as_restored(GetParam(), "--no-subscriptions --no-publications"));
    {
        Database original(GetParam());
        Database restored("restored");
        auto expected = rights_in(original);
        auto found = rights_in(restored);
        expected.erase("database");
        found.erase("database");
        EXPECT_EQ(found, expected);
        const std::string_view queues =
            "select coalesce(string_agg(m::text, ' ' order by queue_name), '') from pgmq.list_queues() m";
        EXPECT_EQ(restored.value(queues), original.value(queues));
    }
    Database("postgres").script("drop database restored with (force)");
}

INSTANTIATE_TEST_SUITE_P(Databases, Dump, testing::Values("shared_queue", "genesis", "nexus"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(DumpOfQueues, holds_waiting_and_archived_messages) {
    Database original("shared_queue", "centralcloud");
    original.script(
        "select pgmq.send_batch('question_requests', array['1', '2', '3']::jsonb[]);"
        "select pgmq.archive('question_requests', 1::bigint)");
    ASSERT_NO_FATAL_FAILURE(restore_as_restored("shared_queue", ""));
    {
        Database restored("restored");
        restored.script("set role centralcloud");
        EXPECT_EQ(restored.value("select array_agg(message order by msg_id) from pgmq.q_question_requests"),
                  "{2,3}");
        EXPECT_EQ(restored.value("select array_agg(message) from pgmq.a_question_requests"), "{1}");
        EXPECT_EQ(restored.value("select send from pgmq.send('question_requests', '4')"), "4") << "ids go on";
        EXPECT_TRUE(restored.column("select public.ensure_queues()").empty());
    }
    Database("postgres").script("drop database restored with (force)");
    original.script("select pgmq.purge_queue('question_requests')");
}

}  // namespace
}  // namespace singularity::schema::test
