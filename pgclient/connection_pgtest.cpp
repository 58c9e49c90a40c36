// One connection against a server: values, mismatches, errors, deadlines, cancellation, loss.
#include "core/awaitable_operators.hpp"
#include "pgclient/testing.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

namespace singularity::pgclient {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::is_running;
using testing::kSleep;
using testing::run;
using testing::until;

constexpr Query kOne{"one", "select 1"};
constexpr Query kTerminate{"terminate", "select pg_terminate_backend($1)"};

class ConnectionPg : public ::testing::Test {
protected:
    Task<std::unique_ptr<Connection>> open() {
        return Connection::open({.dsn = database_.dsn(), .application_name = "connection_pgtest"});
    }

    // Whether the connection still does its work.
    static Task<bool> works(Connection& connection) { co_return co_await connection.one<int>(kOne) == 1; }

    testing::TestDatabase database_;
};

std::string status_of(int pid, std::string_view wanted) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string field;
    while (status >> field && field != wanted) {
    }
    status >> field;
    return field;
}

// Whether a stopped process has yet to take the signal.
bool is_pending(int pid, int signal) {
    return (std::stoull(status_of(pid, "ShdPnd:"), nullptr, 16) >> (signal - 1) & 1) != 0;
}

// Returns when it takes no signal any more: one with a lower number, sent before it has stopped, comes first.
void stop(int pid) {
    ::kill(pid, SIGSTOP);
    while (status_of(pid, "State:") != "T") std::this_thread::yield();
}

struct Everything {
    bool flag;
    std::int16_t small;
    std::int32_t middle;
    std::int64_t big;
    float single;
    double twice;
    std::string words;
    Bytes raw;
    Uuid uuid;
    algo::Ulid ulid;
    Timestamp at;
    boost::json::value document;
    std::optional<std::int32_t> nothing;
    std::vector<std::int64_t> numbers;
    std::vector<std::optional<std::string>> names;
    std::vector<Uuid> uuids;
    std::vector<algo::Ulid> ulids;
    std::optional<std::vector<double>> no_array;

    bool operator==(const Everything&) const = default;
};

TEST_F(ConnectionPg, every_type_survives_the_round_trip) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto ulid = algo::Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").value();
        const Everything sent{true,
                              -1,
                              1 << 30,
                              std::int64_t{1} << 60,
                              1.5f,
                              -0.1,
                              "Grüße, 世界 🌍",
                              Bytes(3),
                              Uuid::parse("0190a5e6-0000-7abc-8def-0123456789ab").value(),
                              ulid,
                              Timestamp{1'700'000'000'123'456us},
                              boost::json::parse(R"({"a":[1,null]})"),
                              {},
                              {1, -2},
                              {"x", {}, ""},
                              {Uuid{}},
                              {ulid, algo::Ulid{}},
                              {}};
        constexpr Query kEcho{
            "echo",
            "select $1 as flag, $2 as small, $3 as middle, $4 as big, $5 as single, $6 as twice, "
            "$7::text as words, $8 as raw, $9 as uuid, $10::uuid as ulid, $11 as at, "
            "$12 as document, $13 as nothing, $14 as numbers, $15 as names, $16 as uuids, "
            "$17::text[] as ulids, $18 as no_array"};
        const auto received = co_await connection->one<Everything>(
            kEcho, sent.flag, sent.small, sent.middle, sent.big, sent.single, sent.twice, sent.words,
            sent.raw, sent.uuid, sent.ulid, sent.at, sent.document, sent.nothing, sent.numbers, sent.names,
            sent.uuids, sent.ulids, sent.no_array);
        EXPECT_TRUE(received == sent);
    });
}

TEST_F(ConnectionPg, strings_take_the_type_of_their_place) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        co_await connection->script(
            "create type mood as enum ('calm', 'busy');"
            "create table notes (id uuid, body jsonb, made date, mood mood, words text[])");
        const auto ulid = algo::Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").value();
        const std::vector<std::string> words{"a,b", "\"c\""};
        co_await connection->exec({"add", "insert into notes values ($1, $2, $3, $4, $5)"}, ulid,
                                  "{\"a\": 1}", "2026-01-31", "busy", words);
        struct Note {
            algo::Ulid id;
            std::string body, made, mood, words;
        };
        const auto note = co_await connection->one<Note>({"read",
                                                          "select id, body::text, made::text, mood::text, "
                                                          "array_to_string(words, '|') as words from notes"});
        EXPECT_EQ(note.id, ulid);
        EXPECT_EQ(note.body + note.made + note.mood + note.words, "{\"a\": 1}2026-01-31busya,b|\"c\"");
    });
}

TEST_F(ConnectionPg, rows_come_in_order_and_counts_are_told) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        constexpr Query kSeries{"series", "select i from generate_series(1, $1) i"};
        const auto numbers = co_await connection->rows<std::int32_t>(kSeries, 3);
        EXPECT_EQ(numbers, (std::vector<std::int32_t>{1, 2, 3}));
        EXPECT_EQ(co_await connection->maybe<std::int32_t>(kSeries, 0), std::nullopt);
        const auto none = co_await failure_of(connection->one<std::int32_t>(kSeries, 0));
        const auto many = co_await failure_of(connection->maybe<std::int32_t>(kSeries, 2));
        EXPECT_EQ(none->sqlstate(), kNoRow);
        EXPECT_EQ(many->sqlstate(), kTooManyRows);
        co_await connection->script("create table t (i int)");
        EXPECT_EQ(co_await connection->exec({"fill", "insert into t select generate_series(1, $1)"}, 7), 7u);
        EXPECT_EQ(co_await connection->exec({"drop", "delete from t where i > $1"}, 5), 2u);
    });
}

TEST_F(ConnectionPg, a_row_type_that_does_not_fit_is_refused_before_the_statement_runs) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        co_await connection->script("create table t (i bigint)");
        const auto failure = co_await failure_of(
            connection->one<std::int32_t>({"add", "insert into t values (1) returning i"}));
        EXPECT_STREQ(failure->what(), "query add: column \"i\" is bigint, the row type reads integer");
        EXPECT_EQ(co_await connection->one<std::int64_t>({"count", "select count(*) from t"}), 0);
    });
}

TEST_F(ConnectionPg, null_in_a_member_that_is_not_optional_is_refused_by_name) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        struct Pair {
            std::int32_t first;
            std::string second;
        };
        const auto failure =
            co_await failure_of(connection->one<Pair>({"pair", "select 1 as first, null::text as second"}));
        EXPECT_EQ(failure->sqlstate(), kUnexpectedNull);
        EXPECT_STREQ(failure->what(), "query pair: column \"second\" is NULL, which its member can't be");
        EXPECT_TRUE(co_await works(*connection));
    });
}

TEST_F(ConnectionPg, an_error_keeps_every_field_the_server_sent) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        co_await connection->script(
            "create function fail() returns int language plpgsql as $$ begin raise exception 'no more milk' "
            "using errcode = 'P0123', detail = 'the cow left', hint = 'ask the goat'; end $$");
        const auto failure = co_await failure_of(connection->exec({"milk", "select fail()"}));
        EXPECT_EQ(failure->cause(), Cause::server);
        EXPECT_EQ(failure->sqlstate(), "P0123");
        EXPECT_EQ(failure->message(), "no more milk");
        EXPECT_EQ(failure->detail(), "the cow left");
        EXPECT_EQ(failure->hint(), "ask the goat");
        EXPECT_EQ(failure->query(), "milk");
        EXPECT_FALSE(failure->connection_lost());
        const auto syntax = co_await failure_of(connection->exec({"typo", "select 1 frm x"}));
        EXPECT_EQ(syntax->sqlstate(), "42601");
        EXPECT_EQ(syntax->position(), 14);
        EXPECT_TRUE(co_await works(*connection));
    });
}

TEST_F(ConnectionPg, text_that_is_not_utf8_or_has_nul_is_refused) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        constexpr Query kEcho{"echo", "select $1::text"};
        const auto nul = co_await failure_of(connection->one<std::string>(kEcho, std::string("a\0b", 3)));
        EXPECT_EQ(nul->sqlstate(), kBadCharacter);
        const auto latin1 = co_await failure_of(connection->one<std::string>(kEcho, "caf\xe9"));
        EXPECT_EQ(latin1->sqlstate(), kBadCharacter);
        EXPECT_EQ(latin1->query(), "echo");
        const std::vector<std::string> texts{"fine", std::string("a\0b", 3)};
        const auto array = co_await failure_of(connection->exec({"echo array", "select $1"}, texts));
        EXPECT_EQ(array->sqlstate(), kBadCharacter);
        EXPECT_EQ(co_await connection->one<std::string>(kEcho, "café"), "café");
    });
}

TEST_F(ConnectionPg, values_larger_than_every_buffer_pass_both_ways) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        std::string text;
        text.resize(30'000'000, 'x');
        text.back() = 'y';
        EXPECT_TRUE(co_await connection->one<std::string>({"echo", "select $1::text"}, text) == text);
    });
}

TEST_F(ConnectionPg, a_statement_is_prepared_once_for_each_set_of_types) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        constexpr Query kEcho{"echo", "select $1 is null"};
        constexpr Query kPrepared{
            "prepared", "select count(*) from pg_prepared_statements where statement like '%is null'"};
        for (int i = 0; i < 3; ++i) co_await connection->one<bool>(kEcho, i);
        EXPECT_EQ(co_await connection->one<std::int64_t>(kPrepared), 1);
        co_await connection->one<bool>(kEcho, std::int64_t{1});
        EXPECT_EQ(co_await connection->one<std::int64_t>(kPrepared), 2);
    });
}

TEST_F(ConnectionPg, a_statement_whose_table_changed_works_again_after_one_error) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        co_await connection->script("create table t (i int); insert into t values (7)");
        constexpr Query kAll{"all", "select * from t"};
        EXPECT_EQ(co_await connection->one<std::int32_t>(kAll), 7);
        co_await connection->script("alter table t alter i type bigint");
        const auto stale = co_await failure_of(connection->one<std::int64_t>(kAll));
        EXPECT_EQ(stale->sqlstate(), "0A000");
        EXPECT_EQ(co_await connection->one<std::int64_t>(kAll), 7);
    });
}

TEST_F(ConnectionPg, a_script_runs_whole_or_not_at_all) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto failure =
            co_await failure_of(connection->script("create table t (i int); select 1/0; select 2"));
        EXPECT_EQ(failure->sqlstate(), "22012");
        EXPECT_FALSE(co_await connection->one<bool>({"exists", "select to_regclass('t') is not null"}));
    });
}

TEST_F(ConnectionPg, copy_is_refused) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto failure = co_await failure_of(connection->script("copy (select 1) to stdout"));
        EXPECT_EQ(failure->cause(), Cause::misuse);
        EXPECT_TRUE(failure->connection_lost());
        EXPECT_FALSE(connection->usable());
    });
}

TEST_F(ConnectionPg, a_second_call_at_the_same_time_is_refused) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto observer = co_await open();
        const auto second = [&]() -> Task<void> {
            co_await until(*observer, is_running(connection->backend_pid(), "pg_sleep"));
            const auto refused = co_await failure_of(connection->exec(kOne));
            EXPECT_EQ(refused->cause(), Cause::misuse);
            co_await observer->exec({"cancel", "select pg_cancel_backend($1)"}, connection->backend_pid());
        };
        const auto first = [&]() -> Task<void> {
            const auto cancelled = co_await failure_of(connection->exec(kSleep));
            EXPECT_EQ(cancelled->cause(), Cause::server) << "an operator's cancellation is the server's word";
        };
        co_await (first() && second());
        EXPECT_TRUE(co_await works(*connection));
    });
}

TEST_F(ConnectionPg, a_passed_deadline_ends_the_statement_and_keeps_the_connection) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto observer = co_await open();
        const auto failure = co_await failure_of(connection->within(20ms).exec(kSleep));
        EXPECT_EQ(failure->cause(), Cause::deadline);
        EXPECT_EQ(failure->sqlstate(), kQueryCanceled);
        EXPECT_THAT(failure->what(), HasSubstr("query sleep: cancelled, its deadline of 20 ms has passed"));
        EXPECT_FALSE(failure->connection_lost());
        EXPECT_FALSE(co_await observer->one<bool>(
            {"runs", "select exists (select from pg_stat_activity where pid = $1 and state = 'active')"},
            connection->backend_pid()));
        EXPECT_TRUE(co_await works(*connection)) << "and the deadline was for one call";
    });
}

TEST_F(ConnectionPg, a_cancelled_caller_cancels_the_statement_and_keeps_the_connection) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto observer = co_await open();
        boost::asio::cancellation_signal signal;
        std::optional<DbError> failure;
        const auto caller = [&]() -> Task<void> { failure = co_await failure_of(connection->exec(kSleep)); };
        const auto canceller = [&]() -> Task<void> {
            co_await until(*observer, is_running(connection->backend_pid(), "pg_sleep"));
            signal.emit(boost::asio::cancellation_type::terminal);
        };
        const auto executor = co_await boost::asio::this_coro::executor;
        co_await (boost::asio::co_spawn(
                      executor, caller(),
                      boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::use_awaitable)) &&
                  canceller());
        EXPECT_EQ(failure->cause(), Cause::cancelled);
        EXPECT_TRUE(co_await works(*connection));
    });
}

// How a call ends that is cancelled while it prepares its statement. The server drops a cancellation that
// arrives before it has begun to.
template <class T>
Task<std::optional<DbError>> failure_when_cancelled_early(int backend_pid, Task<T> call) {
    boost::asio::cancellation_signal signal;
    std::optional<DbError> failure;
    const auto caller = [&]() -> Task<void> { failure = co_await failure_of(std::move(call)); };
    const auto canceller = [&]() -> Task<void> {
        co_await boost::asio::post(boost::asio::use_awaitable);  // the caller goes first
        signal.emit(boost::asio::cancellation_type::terminal);
        // A machine that is busy enough lets the call give the server up before it is asked.
        while (!failure && !is_pending(backend_pid, SIGINT))
            co_await boost::asio::post(boost::asio::use_awaitable);
        ::kill(backend_pid, SIGCONT);
    };
    stop(backend_pid);
    co_await (boost::asio::co_spawn(
                  co_await boost::asio::this_coro::executor, caller(),
                  boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::use_awaitable)) &&
              canceller());
    co_return failure;
}

TEST_F(ConnectionPg, a_cancelled_caller_whose_statement_was_only_prepared_does_not_run_it) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto failure =
            co_await failure_when_cancelled_early(connection->backend_pid(), connection->exec(kSleep));
        EXPECT_EQ(failure->cause(), Cause::cancelled);
        EXPECT_TRUE(co_await works(*connection));
    });
}

TEST_F(ConnectionPg, a_commit_that_was_only_prepared_leaves_no_transaction_open) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        co_await connection->script("create table t (n integer)");
        auto transaction = co_await connection->begin();
        co_await connection->exec({"add", "insert into t values (1)"});
        const auto failure =
            co_await failure_when_cancelled_early(connection->backend_pid(), transaction.commit());
        EXPECT_EQ(failure->cause(), Cause::cancelled);
        EXPECT_EQ(co_await connection->one<std::int64_t>({"count", "select count(*) from t"}), 0);
    });
}

TEST_F(ConnectionPg, a_server_that_does_not_answer_the_cancellation_costs_the_connection) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        stop(connection->backend_pid());
        const auto failure = co_await failure_of(connection->within(20ms).exec(kSleep));
        ::kill(connection->backend_pid(), SIGCONT);
        EXPECT_EQ(failure->cause(), Cause::deadline);
        EXPECT_TRUE(failure->connection_lost());
        EXPECT_FALSE(connection->usable());
        const auto later = co_await failure_of(connection->exec(kOne));
        EXPECT_EQ(later->sqlstate(), kConnectionLost);
    });
}

TEST_F(ConnectionPg, a_killed_backend_is_a_lost_connection_with_its_reason) {
    run([&]() -> Task<void> {
        const auto connection = co_await open();
        const auto observer = co_await open();
        const auto victim = [&]() -> Task<void> {
            const auto failure = co_await failure_of(connection->exec(kSleep));
            EXPECT_EQ(failure->cause(), Cause::connection);
            EXPECT_EQ(failure->sqlstate(), "57P01");
            EXPECT_TRUE(failure->connection_lost());
            EXPECT_FALSE(failure->in_doubt());
        };
        const auto killer = [&]() -> Task<void> {
            co_await until(*observer, is_running(connection->backend_pid(), "pg_sleep"));
            co_await observer->exec(kTerminate, connection->backend_pid());
        };
        co_await (victim() && killer());
        EXPECT_FALSE(connection->usable());
    });
}

}  // namespace
}  // namespace singularity::pgclient
