#include "core/format.hpp"
#include "schema/replication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "pgclient/listener.hpp"
#include "schema/names.hpp"
#include "schema/sql_text.hpp"

namespace singularity::schema::test {
namespace {

ReplicationHealth health() {
    const auto state = run(replication_state("singularity", [](std::string_view part) {
        return with_database(admin_dsn(), database_of(part, "singularity").name);
    }));
    return judge(state, subscriptions_of("singularity"));
}

// Initial copies take a moment after the bootstrap; what is wrong for good stays wrong for a minute.
std::string settled_status() {
    Database instance("singularity");
    wait_for(instance, "select count(*) from pg_subscription_rel where srsubstate <> 'r'", "0");
    Database genesis("genesis");
    wait_for(genesis, "select count(*) from pg_subscription_rel where srsubstate <> 'r'", "0");
    Database hub("centralcloud");
    wait_for(hub, "select count(*) from pg_replication_slots where slot_name ~ '_sub' and active", "3");
    return health().status;
}

class Replication : public testing::Test {
protected:
    void TearDown() override {
        hub_.script("delete from central.approved_patterns");
        EXPECT_EQ(wait_for(replica_, "select count(*) from approved_patterns", "0"), "0");
    }

    void approve(std::string_view name) {
        hub_.script(core::format(
            "insert into approved_patterns (name, ecosystem, confidence) values ('{}', 'cpp', 0.9)", name));
    }

    Database hub_{"centralcloud", "centralcloud"};
    Database replica_{"singularity", "singularity"};
};

TEST_F(Replication, carries_patterns_to_the_instance_as_they_change) {
    approve("one");
    EXPECT_EQ(wait_for(replica_, "select count(*) from approved_patterns", "1"), "1");
    hub_.script("update approved_patterns set confidence = 0.95");
    EXPECT_EQ(wait_for(replica_, "select confidence from approved_patterns", "0.95"), "0.95");
    EXPECT_EQ(hub_.value("select md5(p::text) from approved_patterns p"),
              replica_.value("select md5(p::text) from approved_patterns p"));
    hub_.script("delete from approved_patterns");
    EXPECT_EQ(wait_for(replica_, "select count(*) from approved_patterns", "0"), "0");
}

TEST_F(Replication, carries_statistics_and_metrics_to_genesis) {
    Database genesis("genesis", "genesis");
    hub_.script(
        "insert into job_statistics (language, status, instance_id) values ('python', 'completed', 'one');"
        "insert into execution_metrics (period_start, period_end, instance_id)"
        " values ('2026-01-01 00:00Z', '2026-01-01 00:05Z', 'one')");
    EXPECT_EQ(wait_for(genesis, "select count(*) from job_statistics", "1"), "1");
    EXPECT_EQ(wait_for(genesis, "select count(*) from execution_metrics", "1"), "1");
    hub_.script("delete from job_statistics; delete from execution_metrics");
}

TEST_F(Replication, wakes_listeners_of_the_replica) {
    pgclient::Notification heard = run([](Database& hub) -> boost::asio::awaitable<pgclient::Notification> {
        pgclient::Listener listener({.dsn = dsn_of("singularity", "singularity")},
                                    {"central.approved_patterns"});
        co_await listener.next();  // connected
        hub.script("insert into approved_patterns (name, ecosystem, confidence) values ('loud', 'cpp', 0.9)");
        co_return co_await listener.next();
    }(hub_));
    EXPECT_EQ(heard.channel, "central.approved_patterns");
}

TEST_F(Replication, is_healthy_and_says_why_when_it_is_not) {
    EXPECT_EQ(settled_status(), "healthy");
    Database admin("singularity");
    admin.script("alter subscription patterns_sub disable");
    EXPECT_EQ(health().status, "down");
    EXPECT_THAT(health().reasons, testing::Contains(testing::HasSubstr("patterns_sub is disabled")));
    admin.script("alter subscription patterns_sub enable");
    EXPECT_EQ(settled_status(), "healthy");
}

TEST_F(Replication, comes_back_by_itself_when_a_walsender_or_an_apply_worker_is_terminated) {
    settled_status();
    Database admin("postgres");
    for (const std::string_view kind : {"walsender", "logical replication apply worker"}) {
        EXPECT_EQ(
            admin.failure(core::format(
                "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = '{}'", kind)),
            "");
        approve(kind);
        EXPECT_EQ(
            wait_for(replica_, core::format("select count(*) from approved_patterns where name = '{}'", kind),
                     "1"),
            "1")
            << kind;
    }
    EXPECT_EQ(settled_status(), "healthy");
}

TEST_F(Replication, keeps_no_password_in_the_catalogue) {
    Database admin("postgres");
    EXPECT_EQ(admin.value("select count(*) from pg_subscription where subconninfo ~* 'password\\s*='"), "0");
}

}  // namespace
}  // namespace singularity::schema::test
