// The migrator against a server: each file once, all or nothing, and nobody else's way.
#include "core/awaitable_operators.hpp"
#include "pgclient/migrator.hpp"
#include "pgclient/testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

using namespace core::awaitable_operators;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::run;

class MigratorPg : public ::testing::Test {
protected:
    Task<std::unique_ptr<Connection>> open() { return Connection::open({.dsn = database_.dsn()}); }

    static Task<bool> exists(Connection& connection, std::string relation) {
        return connection.one<bool>({"exists", "select to_regclass($1) is not null"}, relation);
    }
    static Task<std::string> states(Connection& connection) {
        return connection.one<std::string>(
            {"states",
             "select coalesce(string_agg(version || ' ' || state, ', ' order by version), '') "
             "from public.schema_migrations"});
    }

    testing::TestDatabase database_;
};

const std::vector<Migration> kFiles{
    {1, "000001_a.sql", "create table a (i int);\ninsert into a values (1);"},
    {2, "000002_b.sql", "create table b (i int);"},
};

TEST_F(MigratorPg, files_are_applied_once_and_recorded) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        Migrator migrator(*connection, kFiles);
        const auto before = co_await migrator.status();
        EXPECT_EQ(before.lines.at(0).state, MigrationState::pending);
        EXPECT_FALSE(co_await exists(*connection, "public.schema_migrations")) << "asking changes nothing";
        const auto applied = co_await migrator.apply();
        EXPECT_EQ(applied.value().size(), 2u);
        const auto again = co_await migrator.apply();
        EXPECT_TRUE(again.value().empty());
        EXPECT_EQ(co_await states(*connection), "1 applied, 2 applied");
        EXPECT_EQ(co_await connection->one<std::int64_t>({"rows", "select count(*) from a"}), 1);
        EXPECT_EQ(co_await connection->one<std::string>(
                      {"sum", "select checksum from public.schema_migrations where version = 1"}),
                  migration_checksum(kFiles[0].text));
    });
}

TEST_F(MigratorPg, migrators_started_together_apply_each_file_once) {
    run([&]() -> Task<void> {
        std::size_t applied = 0;
        const auto one = [&]() -> Task<void> {
            const auto connection = co_await open();
            Migrator migrator(*connection, kFiles);
            const auto files = co_await migrator.apply();
            applied += files.value().size();
        };
        co_await (one() && one() && one() && one());
        EXPECT_EQ(applied, 2u);
        const auto connection = co_await open();
        EXPECT_EQ(co_await connection->one<std::int64_t>({"rows", "select count(*) from a"}), 1);
    });
}

TEST_F(MigratorPg, a_failing_file_leaves_nothing_and_is_named_with_its_line) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const std::vector<Migration> files{kFiles[0],
                                           {2, "000002_b.sql", "create table b (i int);\nselect nothing;\n"}};
        Migrator migrator(*connection, files);
        const auto failure = co_await failure_of(migrator.apply());
        EXPECT_STREQ(failure->what(), "query 000002_b.sql: line 2: column \"nothing\" does not exist");
        EXPECT_EQ(failure->sqlstate(), "42703");
        EXPECT_FALSE(co_await exists(*connection, "b"));
        EXPECT_EQ(co_await states(*connection), "1 applied");
        Migrator mended(*connection, kFiles);
        EXPECT_EQ((co_await mended.apply()).value().size(), 1u);
    });
}

TEST_F(MigratorPg, a_history_that_differs_is_refused_and_nothing_is_done) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        Migrator migrator(*connection, kFiles);
        co_await migrator.apply();
        const std::vector<Migration> changed{{1, "000001_a.sql", "create table a (i bigint)"},
                                             kFiles[1],
                                             {3, "000003_c.sql", "create table c (i int)"}};
        Migrator other(*connection, changed);
        const auto refused = co_await other.apply();
        EXPECT_EQ(refused.error().code, core::ErrorCode::refused);
        EXPECT_THAT(refused.error().message, HasSubstr("000001_a.sql has changed"));
        EXPECT_FALSE(co_await exists(*connection, "c"));
        EXPECT_TRUE((co_await other.status()).refusal);
    });
}

TEST_F(MigratorPg, objects_belong_to_the_owner_or_to_the_role_the_file_names) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const std::string owner = database_.name() + "_owner";
        const std::string other = database_.name() + "_other";
        co_await connection->script("create role " + owner + "; create role " + other + "; alter database " +
                                    database_.name() + " owner to " + owner +
                                    "; grant create on schema public to " + other);
        const std::string text = "-- migrate: role=" + other + "\ncreate table theirs (i int)";
        const std::string outside = "-- migrate: transaction=off\n" + text + "_too;" + "vacuum theirs";
        const std::vector<Migration> files{
            {1, "000001_ours.sql", "create table ours (i int); set work_mem = '1MB'"},
            {2, "000002_theirs.sql", text}};
        Migrator migrator(*connection, files);
        co_await migrator.apply();
        constexpr Query kOwner{"owner of", "select tableowner::text from pg_tables where tablename = $1"};
        EXPECT_EQ(co_await connection->one<std::string>(kOwner, "ours"), owner);
        EXPECT_EQ(co_await connection->one<std::string>(kOwner, "theirs"), other);
        EXPECT_EQ(co_await connection->one<std::string>(kOwner, "schema_migrations"), "postgres");
        EXPECT_EQ(co_await connection->one<std::string>({"me", "select current_user::text"}), "postgres");
        EXPECT_NE(co_await connection->one<std::string>({"mem", "select current_setting('work_mem')"}),
                  "1MB");
        co_await connection->script("drop owned by " + owner + ", " + other + " cascade; alter database " +
                                    database_.name() + " owner to postgres; drop role " + owner + ", " +
                                    other);
    });
}

TEST_F(MigratorPg, a_file_without_a_transaction_runs_what_cannot_run_in_one) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const std::vector<Migration> files{
            kFiles[0],
            {2, "000002_index.sql",
             "-- migrate: transaction=off\ncreate index concurrently if not exists a_i on a (i);\n"
             "vacuum a;\n"}};
        Migrator migrator(*connection, files);
        EXPECT_EQ((co_await migrator.apply()).value().size(), 2u);
        EXPECT_TRUE(co_await exists(*connection, "a_i"));
        EXPECT_EQ(co_await states(*connection), "1 applied, 2 applied");
    });
}

TEST_F(MigratorPg, a_file_without_a_transaction_that_stopped_half_way_runs_again) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const std::string head = "-- migrate: transaction=off\ncreate table if not exists half (i int);\n";
        const std::string broken = head + "select 1/0;\n";
        const std::string mended = head + "create table if not exists whole (i int);\n";
        const std::vector<Migration> first{{1, "000001_x.sql", broken}};
        Migrator failing(*connection, first);
        const auto failure = co_await failure_of(failing.apply());
        EXPECT_EQ(failure->query(), "000001_x.sql");
        EXPECT_TRUE(co_await exists(*connection, "half"));
        EXPECT_EQ(co_await states(*connection), "1 running");
        EXPECT_EQ((co_await failing.status()).lines.at(0).state, MigrationState::running);
        const std::vector<Migration> second{{1, "000001_x.sql", mended}};
        Migrator mending(*connection, second);
        co_await mending.apply();
        EXPECT_TRUE(co_await exists(*connection, "whole"));
        EXPECT_EQ(co_await states(*connection), "1 applied");
        EXPECT_TRUE((co_await mending.apply()).value().empty()) << "the mended text is the one on record";
    });
}

TEST_F(MigratorPg, a_migrator_that_is_killed_frees_the_way_for_the_next) {
    run([&]() -> Task<void> {
        const auto victim = co_await open();
        const std::vector<Migration> files{
            {1, "000001_x.sql", "create table x (i int); select pg_terminate_backend(pg_backend_pid())"}};
        Migrator killed(*victim, files);
        const auto failure = co_await failure_of(killed.apply());
        EXPECT_TRUE(failure->connection_lost());
        EXPECT_EQ(failure->query(), "000001_x.sql");
        const auto connection = co_await open();
        Migrator next(*connection, kFiles);
        EXPECT_EQ((co_await next.apply()).value().size(), 2u);
        EXPECT_FALSE(co_await exists(*connection, "x"));
    });
}

TEST_F(MigratorPg, a_migrator_that_waits_too_long_for_another_says_so) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto holder = co_await open();
        co_await holder->exec({"hold", "select pg_advisory_lock(x'73676d6967726174'::bigint)"});
        Migrator migrator(*connection, kFiles, {.lock_timeout = std::chrono::milliseconds{1}});
        const auto refused = co_await migrator.apply();
        EXPECT_EQ(refused.error().code, core::ErrorCode::timeout);
        EXPECT_THAT(refused.error().message, HasSubstr("another migrator"));
    });
}

}  // namespace
}  // namespace singularity::pgclient
