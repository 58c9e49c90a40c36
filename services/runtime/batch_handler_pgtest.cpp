// Batches against a server: one transaction for all, and none that suffers for another.
#include "services/runtime/batch_handler.hpp"

#include <boost/asio.hpp>

#include "services/runtime/consumer_testing.hpp"

namespace singularity::services {
namespace {

using namespace std::chrono_literals;
using namespace testing;  // of services

using Questions = std::span<const QuestionRequest>;

constexpr char kTen[] = "select ask('r' || i) from generate_series(1, 10) i;";
constexpr char kEffects[] = "select count(*) || '/' || count(distinct request_id) from effects";
constexpr pgclient::Query kEndOneself{"test.end_oneself", "select pg_terminate_backend(pg_backend_pid())"};

Task<void> store(Questions questions, Connection& own) {
    for (const QuestionRequest& question : questions) co_await own.exec(kEffect, question.request_id);
}

class BatchHandlerPg : public ConsumerPg {
protected:
    // Serves with batches, made of what is ready, until `condition` holds.
    template <class Function>
    void serve_batches(std::string before, ConsumerOptions options, Function function,
                       std::string condition) {
        options.once = Once::by_handler;
        options.concurrency = options.batch = 64;
        const auto make = [&](Service&, pgclient::Pool& own) {
            return batch_handler<QuestionRequest>(own, most_, function);
        };
        serve_handler(std::move(before), std::move(options), make,
                      [&](Service&, Connection& observer) { return until(observer, condition); });
    }

    std::size_t most_ = 64;
};

TEST_F(BatchHandlerPg, what_is_ready_takes_effect_and_is_answered_in_one_commit) {
    serve_batches(
        kTen, {},
        [](Questions questions, Connection& own) -> Task<std::vector<QuestionResponse>> {
            co_await store(questions, own);
            std::vector<QuestionResponse> answers;
            for (const QuestionRequest& question : questions) answers.push_back(yes(question));
            co_return answers;
        },
        kAllArchived);
    EXPECT_EQ(value(kEffects), "10/10");
    EXPECT_EQ(value("select count(*) from inbox i join pgmq.q_outbox o"
                    " on o.message ->> 'request_id' = i.request_id and o.message ->> 'agent_id' = 'a1'"
                    " where i.result #>> '{0,response}' = 'yes'"),
              "10");
    EXPECT_EQ(value("select count(distinct x) from (select xmin::text x from inbox union all"
                    " select xmin::text from effects union all select xmin::text from pgmq.q_outbox) t"),
              "1");
}

TEST_F(BatchHandlerPg, no_more_than_may_be_go_into_one_commit) {
    most_ = 4;
    std::size_t largest = 0;
    serve_batches(
        kTen, {},
        [&](Questions questions, Connection& own) {
            largest = std::max(largest, questions.size());
            return store(questions, own);
        },
        kAllArchived);
    EXPECT_EQ(value(kEffects), "10/10");
    EXPECT_EQ(largest, 4U);
}

TEST_F(BatchHandlerPg, one_that_is_refused_spoils_no_other) {
    serve_batches(
        kTen, {},
        [](Questions questions, Connection& own) -> Task<void> {
            co_await store(questions, own);
            if (std::ranges::contains(questions, "r7", &QuestionRequest::request_id))
                throw Refused("nobody knows");
        },
        "not exists (select from pgmq.q_question_requests) and exists (select from queue.dead_letters)");
    EXPECT_EQ(value(kEffects), "9/9");
    EXPECT_EQ(value("select count(*) from inbox"), "9");
    EXPECT_EQ(value("select count(*) from pgmq.a_question_requests where read_ct = 1"), "9");
    EXPECT_EQ(value("select string_agg(format('%s: %s, %s', request_id, reason, attempts), ';')"
                    " from queue.dead_letters"),
              "r7: nobody knows, 1");
}

TEST_F(BatchHandlerPg, one_that_fails_is_counted_out_by_its_own_attempts) {
    serve_batches(
        kTen, {.max_attempts = 3, .retry = {1ms, 1ms}},
        [](Questions questions, Connection& own) -> Task<void> {
            co_await store(questions, own);
            if (std::ranges::contains(questions, "r7", &QuestionRequest::request_id))
                throw std::runtime_error("no");
        },
        "not exists (select from pgmq.q_question_requests) and exists (select from queue.dead_letters)");
    EXPECT_EQ(value(kEffects), "9/9");
    EXPECT_EQ(value("select count(*) from pgmq.a_question_requests where read_ct = 1"), "9");
    EXPECT_EQ(value("select string_agg(format('%s: %s', request_id, reason), ';') from queue.dead_letters"),
              "r7: failed 3 times, last: no");
}

TEST_F(BatchHandlerPg, a_connection_that_ends_in_the_middle_has_all_done_once_and_costs_no_attempt) {
    int runs = 0;
    serve_batches(
        kTen, {.max_attempts = 1},
        [&](Questions questions, Connection& own) -> Task<void> {
            co_await store(questions, own);
            if (++runs == 1) co_await own.exec(kEndOneself);
        },
        kAllArchived);
    EXPECT_EQ(value(kEffects), "10/10");
    EXPECT_EQ(value("select count(*) from queue.dead_letters"), "0");
}

TEST_F(BatchHandlerPg, what_comes_again_or_twice_has_no_second_effect) {
    serve_batches(kTen, {}, store, kAllArchived);
    serve_batches(std::string(kTen) + "select ask('r10'), ask('r11'), ask('r11');", {}, store, kAllArchived);
    EXPECT_EQ(value(kEffects), "11/11");
    EXPECT_EQ(value("select count(*) from pgmq.a_question_requests"), "23");
}

// Stopped between the commit and the archiving, which another's lock delays.
TEST_F(BatchHandlerPg, what_a_stop_leaves_unarchived_comes_again_without_an_effect) {
    const auto make = [](Service&, pgclient::Pool& own) {
        return batch_handler<QuestionRequest>(own, 64, store);
    };
    const auto until_committed = [](Service&, Connection& observer) -> Task<void> {
        co_await until(observer, "(select count(*) from effects) = 10");
    };
    EXPECT_EQ(value("select count(ask('r' || i)) from generate_series(1, 10) i"), "10");
    serve_handler("begin; lock table pgmq.a_question_requests in exclusive mode;",
                  {.concurrency = 64, .batch = 64, .grace = 0ms, .once = Once::by_handler}, make,
                  until_committed);
    EXPECT_EQ(value("select count(*) from pgmq.q_question_requests where vt <= clock_timestamp()"), "10");
    serve_batches("", {}, store, kAllArchived);
    EXPECT_EQ(value(kEffects), "10/10");
}

}  // namespace
}  // namespace singularity::services
