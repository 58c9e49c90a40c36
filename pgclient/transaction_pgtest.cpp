// What a transaction promises, and what is said when the promise can't be kept.
#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "pgclient/testing.hpp"

#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

using namespace core::awaitable_operators;
using testing::failure_of;
using testing::run;
using testing::until;

constexpr Query kAdd{"add", "insert into t values ($1)"};
constexpr Query kCount{"count", "select count(*) from t"};

class TransactionPg : public ::testing::Test {
protected:
    Task<std::unique_ptr<Connection>> open() { return Connection::open({.dsn = database_.dsn()}); }

    Task<std::unique_ptr<Connection>> open_with_table() {
        auto connection = co_await open();
        co_await connection->script("create table t (i int primary key)");
        co_return connection;
    }

    testing::TestDatabase database_;
};

TEST_F(TransactionPg, what_was_committed_is_there_and_what_was_dropped_is_not) {
    run([&]() -> Task<void> {
        const auto connection = co_await open_with_table();
        {
            auto kept = co_await connection->begin();
            co_await connection->exec(kAdd, 1);
            co_await kept.commit();
            auto dropped = co_await connection->begin(Isolation::serializable);
            co_await connection->exec(kAdd, 2);
        }
        EXPECT_EQ(co_await connection->one<std::int64_t>(kCount), 1);
        auto rolled_back = co_await connection->begin();
        co_await connection->exec(kAdd, 3);
        co_await rolled_back.rollback();
        EXPECT_EQ(co_await connection->one<std::int64_t>(kCount), 1);
    });
}

TEST_F(TransactionPg, isolation_is_the_one_asked_for) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        constexpr Query kIsolation{"isolation", "select current_setting('transaction_isolation')"};
        for (const auto& [isolation, name] : {std::pair{Isolation::read_committed, "read committed"},
                                              std::pair{Isolation::repeatable_read, "repeatable read"},
                                              std::pair{Isolation::serializable, "serializable"}}) {
            auto transaction = co_await connection->begin(isolation);
            EXPECT_EQ(co_await connection->one<std::string>(kIsolation), name);
        }
    });
}

TEST_F(TransactionPg, a_transaction_in_a_transaction_is_refused) {
    run([&]() -> Task<void> {
        const auto connection = co_await open_with_table();
        auto outer = co_await connection->begin();
        const auto failure = co_await failure_of(connection->begin());
        EXPECT_EQ(failure->sqlstate(), "25001");
        co_await connection->exec(kAdd, 1);
        co_await outer.commit();
        EXPECT_EQ(co_await connection->one<std::int64_t>(kCount), 1) << "the outer one was not disturbed";
    });
}

TEST_F(TransactionPg, commit_after_a_failed_statement_says_that_nothing_was_committed) {
    run([&]() -> Task<void> {
        const auto connection = co_await open_with_table();
        auto transaction = co_await connection->begin();
        co_await connection->exec(kAdd, 1);
        const auto duplicate = co_await failure_of(connection->exec(kAdd, 1));
        EXPECT_EQ(duplicate->sqlstate(), "23505");
        const auto failure = co_await failure_of(transaction.commit());
        EXPECT_EQ(failure->sqlstate(), "40000");
        EXPECT_FALSE(failure->in_doubt());
        EXPECT_EQ(co_await connection->one<std::int64_t>(kCount), 0);
    });
}

TEST_F(TransactionPg, a_serialization_failure_may_be_tried_again) {
    run([&]() -> Task<void> {
        const auto first = co_await open_with_table();
        const auto second = co_await open();
        auto one = co_await first->begin(Isolation::serializable);
        auto other = co_await second->begin(Isolation::serializable);
        co_await first->one<std::int64_t>(kCount);
        co_await second->one<std::int64_t>(kCount);
        co_await first->exec(kAdd, 1);
        co_await second->exec(kAdd, 2);
        co_await one.commit();
        const auto failure = co_await failure_of(other.commit());
        EXPECT_TRUE(failure->retryable()) << failure->what();
    });
}

// A deferred trigger keeps COMMIT at work for as long as the test needs.
TEST_F(TransactionPg, a_connection_lost_inside_commit_leaves_doubt) {
    run([&]() -> Task<void> {
        const auto connection = co_await open_with_table();
        const auto observer = co_await open();
        co_await connection->script(
            "create function wait() returns trigger language plpgsql as "
            "$$ begin perform pg_sleep(600); return null; end $$;"
            "create constraint trigger slow after insert on t deferrable initially deferred "
            "for each row execute function wait()");
        const auto committer = [&]() -> Task<void> {
            auto transaction = co_await connection->begin();
            co_await connection->exec(kAdd, 1);
            const auto failure = co_await failure_of(transaction.commit());
            EXPECT_TRUE(failure->in_doubt());
            EXPECT_EQ(failure->sqlstate(), kInDoubt);
            EXPECT_TRUE(failure->connection_lost());
        };
        const auto killer = [&]() -> Task<void> {
            co_await until(*observer, core::format("exists (select from pg_stat_activity where pid = {} and "
                                                   "wait_event = 'PgSleep')",
                                                   connection->backend_pid()));
            co_await observer->exec({"terminate", "select pg_terminate_backend($1)"},
                                    connection->backend_pid());
        };
        co_await (committer() && killer());
    });
}

TEST_F(TransactionPg, a_connection_lost_before_commit_leaves_no_doubt) {
    run([&]() -> Task<void> {
        const auto connection = co_await open_with_table();
        auto transaction = co_await connection->begin();
        co_await connection->exec(kAdd, 1);
        const auto lost = co_await failure_of(
            connection->exec({"suicide", "select pg_terminate_backend(pg_backend_pid())"}));
        EXPECT_TRUE(lost->connection_lost());
        const auto failure = co_await failure_of(transaction.commit());
        EXPECT_FALSE(failure->in_doubt()) << failure->what();
        EXPECT_EQ(failure->sqlstate(), kConnectionLost);
    });
}

}  // namespace
}  // namespace singularity::pgclient
