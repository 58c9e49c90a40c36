// The consumer against a server: what becomes of messages, whatever their handlers do.
#include <boost/asio.hpp>

#include "pgclient/error.hpp"
#include "services/runtime/consumer_testing.hpp"

namespace singularity::services {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using namespace testing;  // of services

constexpr pgclient::Query kLapsed{
    "test.lapsed", "select count(*)::text from pgmq.q_question_requests where vt <= clock_timestamp()"};

TEST_F(ConsumerPg, an_effect_its_reply_and_its_archiving_happen_once) {
    serve(
        "select ask('r1'), ask('r1'), ask('r2');", {},
        [](const QuestionRequest& request, Delivery& delivery) -> Task<QuestionResponse> {
            const auto own = co_await delivery.transaction();
            co_await own->exec(kEffect, request.request_id);
            co_return yes(request);
        },
        kAllArchived);
    EXPECT_EQ(value("select string_agg(request_id, ',' order by request_id) from effects"), "r1,r2");
    EXPECT_EQ(value("select count(*) from inbox where result #>> '{0,response}' = 'yes'"), "2");
    EXPECT_EQ(value("select string_agg(message ->> 'request_id' || (message ->> 'agent_id') || (headers ->> "
                    "'x-outbox-queue'), ',' order by message ->> 'request_id') from pgmq.q_outbox"),
              "r1a1question_responses,r2a1question_responses");
}

TEST_F(ConsumerPg, where_the_bus_is_not_used_nothing_is_claimed_and_the_service_says_so) {
    config_.shared_queue_enabled = false;
    with_consumer(
        "select ask('r1');", {},
        [](Service&, pgclient::Pool&) {
            return handler<QuestionRequest>(
                [](const QuestionRequest& request, Delivery&) -> Task<QuestionResponse> {
                    co_return yes(request);
                });
        },
        [](Service& service, Consumer& consumer, Connection&) -> Task<void> {
            const auto told = [&]() -> Task<void> {
                while (service.health().remark().empty())
                    co_await boost::asio::post(service.executor(), boost::asio::use_awaitable);
            };
            co_await (consumer.run() || told());
            EXPECT_EQ(service.health().remark(), "the shared queue is disabled");
            EXPECT_TRUE(service.health().healthy());
        });
    EXPECT_EQ(value("select read_ct from pgmq.q_question_requests"), "0");
}

TEST_F(ConsumerPg, a_reply_without_a_transaction_is_sent_once) {
    serve(
        "select ask('r1'), ask('r1');", {},
        [](const QuestionRequest& request, Delivery&) -> Task<QuestionResponse> { co_return yes(request); },
        kAllArchived);
    EXPECT_EQ(value("select count(*) from pgmq.q_outbox"), "1");
}

TEST_F(ConsumerPg, a_failure_is_tried_again_and_buried_after_the_last_attempt) {
    int attempts = 0;
    serve(
        "select ask('r1');", {.max_attempts = 3, .retry = {10ms, 20ms}},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            throw std::runtime_error("attempt " + std::to_string(++attempts));
            co_return;
        },
        "exists (select from queue.dead_letters)");
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(value("select reason from queue.dead_letters"), "failed 3 times, last: attempt 3");
    EXPECT_EQ(value("select jsonb_array_length(failures) from queue.dead_letters"), "2");
}

TEST_F(ConsumerPg, a_message_that_comes_again_at_once_is_handled_at_once) {
    serve(
        "select ask('r1');", {.max_attempts = 50, .retry = {1ms, 1ms}},
        [](const QuestionRequest&, Delivery&) -> Task<void> {
            throw std::runtime_error("no");
            co_return;
        },
        "exists (select from queue.dead_letters)");
    EXPECT_EQ(value("select reason from queue.dead_letters"), "failed 50 times, last: no");
}

TEST_F(ConsumerPg, what_violates_its_schema_is_buried_with_the_field) {
    serve(
        R"(select pgmq.send('question_requests', '{"schema_version": 1, "request_id": "r1", "id": "r1", "question": 7}'),
                    pgmq.send('question_requests', '[1]'), pgmq.send('question_requests', null::jsonb);)",
        {}, [](const QuestionRequest&, Delivery&) -> Task<void> { co_return; },
        "(select count(*) from queue.dead_letters) = 3");
    EXPECT_NE(value("select reason from queue.dead_letters where request_id = 'r1'").find("question"),
              std::string::npos);
    EXPECT_EQ(value("select count(*) from inbox"), "0");
}

TEST_F(ConsumerPg, a_message_that_the_handler_refuses_is_buried_at_once) {
    serve(
        "select ask('r1');", {},
        [](const QuestionRequest&, Delivery&) -> Task<void> {
            throw Refused("nobody knows");
            co_return;
        },
        "exists (select from queue.dead_letters where reason = 'nobody knows' and attempts = 1)");
}

TEST_F(ConsumerPg, a_database_that_is_away_costs_no_attempt) {
    int runs = 0;
    serve(
        "select ask('r1');", {.max_attempts = 1},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            if (++runs < 3)
                throw pgclient::DbError({.cause = pgclient::Cause::connection, .message = "away"});
            co_return;
        },
        kAllArchived);
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(value("select read_ct from pgmq.a_question_requests"), "1");
}

TEST_F(ConsumerPg, a_claim_lasts_as_long_as_its_work) {
    int runs = 0;
    serve(
        "select ask('r1');", {.visibility = 1s},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            ++runs;
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 2500ms);
            co_await work.async_wait(boost::asio::use_awaitable);
        },
        kAllArchived);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(value("select read_ct from pgmq.a_question_requests"), "1");
}

TEST_F(ConsumerPg, a_stop_lets_work_finish) {
    bool begun = false, stopped = false;
    const auto handle = [&](const QuestionRequest&, Delivery&) {
        begun = true;
        return until_set(stopped);
    };
    const auto stop_and_finish = [&](Service& service, Consumer& consumer, Connection&) -> Task<void> {
        bool ended = false;
        boost::asio::cancellation_signal stop;
        boost::asio::co_spawn(
            service.executor(), consumer.run(),
            boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { ended = true; }));
        co_await until_set(begun);
        stop.emit(boost::asio::cancellation_type::terminal);
        stopped = true;
        co_await until_set(ended);
    };
    with_consumer(
        "select ask('r1');", {.grace = 1h},
        [&](Service&, pgclient::Pool&) { return handler<QuestionRequest>(handle); }, stop_and_finish);
    EXPECT_EQ(value("select count(*) from pgmq.a_question_requests where read_ct = 1"), "1");
}

TEST_F(ConsumerPg, a_stop_gives_back_what_does_not_finish) {
    bool begun = false, has_finished = false;
    serve_while(
        "select ask('endless');", {.grace = 0ms},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            begun = true;
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 1h);
            co_await work.async_wait(boost::asio::use_awaitable);
            has_finished = true;
        },
        [&](Connection&) { return until_set(begun); });
    EXPECT_FALSE(has_finished);
    EXPECT_EQ(value("select read_ct = 0 and vt <= clock_timestamp() from pgmq.q_question_requests"), "true");
}

TEST_F(ConsumerPg, a_message_that_a_crash_put_back_is_looked_up_before_its_handler_runs) {
    int runs = 0;
    serve(
        "select ask('r1'); insert into inbox (queue, request_id) values ('question_requests', 'r1');", {},
        [&](const QuestionRequest& request, Delivery&) -> Task<QuestionResponse> {
            ++runs;
            co_return yes(request);
        },
        kAllArchived);
    EXPECT_EQ(runs, 0);
}

TEST_F(ConsumerPg, a_claim_lasts_while_a_stop_waits_for_its_work) {
    bool begun = false;
    std::string lapsed;
    serve_while(
        "select ask('r1');", {.visibility = 1s},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            begun = true;
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 2500ms);
            co_await work.async_wait(boost::asio::use_awaitable);
            const auto session = co_await Connection::open({.dsn = database_.dsn()});
            lapsed = co_await session->one<std::string>(kLapsed);
        },
        [&](Connection&) { return until_set(begun); });
    EXPECT_EQ(lapsed, "0");
    EXPECT_EQ(value("select read_ct from pgmq.a_question_requests"), "1");
}

TEST_F(ConsumerPg, a_statement_that_always_takes_too_long_counts_as_a_failure) {
    serve(
        "select ask('r1');", {.max_attempts = 2, .retry = {10ms, 20ms}},
        [](const QuestionRequest&, Delivery& delivery) -> Task<void> {
            const auto own = co_await delivery.transaction();
            co_await own->within(20ms).exec(pgclient::testing::kSleep);
        },
        "exists (select from queue.dead_letters where attempts = 2)");
}

TEST_F(ConsumerPg, a_message_that_ended_its_handlers_silently_runs_alone) {
    bool alone = false;
    int running = 0;
    serve(
        "select ask('suspect'), ask('a'), ask('b'); update pgmq.q_question_requests set read_ct = 3"
        " where message ->> 'id' = 'suspect';",
        {},
        [&](const QuestionRequest& request, Delivery&) -> Task<void> {
            ++running;
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 50ms);
            co_await work.async_wait(boost::asio::use_awaitable);
            if (request.id == "suspect") alone = running == 1;
            --running;
        },
        kAllArchived);
    EXPECT_TRUE(alone);
}

TEST_F(ConsumerPg, a_message_that_ends_its_handlers_silently_for_ever_is_buried) {
    int runs = 0;
    serve(
        "select ask('poison'); update pgmq.q_question_requests set read_ct = 10;", {.max_attempts = 10},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            ++runs;
            co_return;
        },
        "exists (select from queue.dead_letters where attempts = 11)");
    EXPECT_EQ(runs, 0);
}

TEST_F(ConsumerPg, a_wait_that_the_handler_itself_ended_is_a_failure_of_it) {
    serve(
        "select ask('r1');", {.max_attempts = 2, .retry = {10ms, 20ms}},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            throw boost::system::system_error(boost::asio::error::operation_aborted);
            co_return;
        },
        "exists (select from queue.dead_letters where attempts = 2)");
}

TEST_F(ConsumerPg, one_of_two_waits_that_finds_its_database_away_costs_no_attempt) {
    int runs = 0;
    serve(
        "select ask('r1');", {.max_attempts = 1},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            const auto away = []() -> Task<void> {
                throw pgclient::DbError({.cause = pgclient::Cause::connection, .message = "away"});
                co_return;
            };
            if (++runs < 2) co_await (away() && away());
        },
        kAllArchived);
    EXPECT_EQ(runs, 2);
}

TEST_F(ConsumerPg, a_service_is_well_again_once_a_message_came_to_any_end) {
    bool was_unwell = false, is_well = false;
    int runs = 0;
    serve_service(
        "select ask('r1');", {},
        [&](Service& service) {
            return [&](const QuestionRequest&, Delivery&) -> Task<void> {
                if (++runs == 1)
                    throw pgclient::DbError({.cause = pgclient::Cause::connection, .message = "away"});
                was_unwell = !service.health().healthy();
                throw Refused("nobody knows");
                co_return;
            };
        },
        [&](Service& service, Connection& observer) -> Task<void> {
            co_await until(observer, "exists (select from queue.dead_letters)");
            is_well = service.health().healthy();
        });
    EXPECT_TRUE(was_unwell);
    EXPECT_TRUE(is_well);
}

TEST_F(ConsumerPg, a_claim_lasts_while_its_message_waits_to_run_alone) {
    std::string lapsed;
    serve(
        "select ask('long'), ask('suspect'); update pgmq.q_question_requests set read_ct = 3"
        " where message ->> 'id' = 'suspect';",
        {.visibility = 1s},
        [&](const QuestionRequest& request, Delivery&) -> Task<void> {
            if (request.id == "suspect") co_return;
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 2500ms);
            co_await work.async_wait(boost::asio::use_awaitable);
            const auto session = co_await Connection::open({.dsn = database_.dsn()});
            lapsed = co_await session->one<std::string>(kLapsed);
        },
        kAllArchived);
    EXPECT_EQ(lapsed, "0");
}

TEST_F(ConsumerPg, no_more_are_in_flight_than_may_be) {
    std::size_t running = 0, most = 0;
    serve(
        "select ask('r' || i) from generate_series(1, 20) i;", {.concurrency = 3},
        [&](const QuestionRequest&, Delivery&) -> Task<void> {
            most = std::max(most, ++running);
            boost::asio::steady_timer work(co_await boost::asio::this_coro::executor, 10ms);
            co_await work.async_wait(boost::asio::use_awaitable);
            --running;
        },
        kAllArchived);
    EXPECT_EQ(most, 3U);
}

TEST_F(ConsumerPg, a_queue_that_is_made_later_is_worked_off) {
    serve_while(
        "select pgmq.drop_queue('question_requests');", {},
        [](const QuestionRequest&, Delivery&) -> Task<void> { co_return; },
        [](Connection& observer) -> Task<void> {
            co_await observer.script("select pgmq.create('question_requests')");
            co_await observer.script("select ask('r1')");
            co_await until(observer, kAllArchived);
        });
}

}  // namespace
}  // namespace singularity::services
