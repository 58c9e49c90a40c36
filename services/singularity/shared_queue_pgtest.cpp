// An instance and the bus: requests are published once, answers reach who waits for them.
#include <boost/asio.hpp>

#include <gtest/gtest.h>

#include "core/awaitable_operators.hpp"
#include "messages/publishing.hpp"
#include "pgclient/testing.hpp"
#include "services/runtime/handler.hpp"
#include "services/runtime/relay.hpp"
#include "services/singularity/answers.hpp"
#include "services/singularity/shared_queue_consumer.hpp"
#include "services/singularity/shared_queue_publisher.hpp"

namespace singularity::services::instance {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using pgclient::Connection;
using pgclient::Pool;
using pgclient::Task;

// What of the bus and of an instance's database is used here.
constexpr char kDatabase[] = R"(
    create extension pgmq cascade;
    select pgmq.create('llm_requests'), pgmq.create('llm_results');
    create table blobs (hash bytea primary key, body bytea);
    create function put_blob(body bytea) returns bytea language sql begin atomic
        insert into blobs values (sha256(body), body) on conflict do nothing;
        select sha256(body);
    end;
    create table answers (request_id text, queue text, answer jsonb, arrived_at timestamptz default clock_timestamp(),
                          taken_at timestamptz, expires_at timestamptz default 'infinity');
    create function agents_of(queue text, ids text[]) returns table (request_id text, agent_id text)
        language sql begin atomic select 'r1', 'ann of ' || queue; end;
    create table told (queue text, instance text, letters bigint);
    create function tell_outbox_letters(queue text, instance text, letters bigint) returns void
        language sql begin atomic insert into told values (queue, instance, letters); end;
    create function take_answers(ids text[]) returns bigint language sql begin atomic
        update answers set taken_at = clock_timestamp() where request_id = any (ids);
        select 1::bigint;
    end;
)";

messages::LlmRequest design_a_cache() {
    messages::LlmRequest request;
    request.request_id = "r1";
    request.task_type = "architect";
    request.messages = {{.role = "user", .content = "Design a cache"}};
    return request;
}

class SharedQueuePg : public ::testing::Test {
protected:
    template <class Work>
    void with_database(Work work) {
        pgclient::testing::run([&]() -> Task<void> {
            Service service(co_await boost::asio::this_coro::executor, config_, "test");
            const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
            Pool pool(service.executor(), {.connect = connect});
            const auto session = co_await Connection::open(connect);
            co_await session->script(kDatabase);
            co_await work(service, pool, *session);
        });
    }

    pgclient::testing::TestDatabase database_;
    core::Config config_;
};

constexpr pgclient::Query kWaiting{"test.waiting", "select count(*) from pgmq.q_llm_requests"};

// The second one as if the relay had died after it sent the first one.
constexpr char kLongAnswerTwice[] = R"(
    select pgmq.create('outbox'), pgmq.create('dead_letters');
    select pgmq.send('outbox', jsonb_build_object('request_id', 'r1', 'response', repeat('x', 100000)),
                     jsonb_build_object('x-outbox-queue', 'llm_results')) from generate_series(1, 2);
)";
constexpr char kIsThereOnce[] =
    "(select count(*) = 2 from pgmq.a_outbox) and exists (select from blobs where length(body) = 100000)"
    " and (select count(*) = 1 and bool_and(message -> 'response' ? '$blob') from pgmq.q_llm_results)";

TEST_F(SharedQueuePg, long_strings_of_the_outbox_travel_by_reference_too) {
    with_database([this](Service& service, Pool& pool, Connection& session) -> Task<void> {
        co_await session.script(kLongAnswerTwice);
        const auto relay = make_relay(service, {pool, {.dsn = database_.dsn()}, pool}, pool, {});
        co_await (relay->run() || pgclient::testing::until(session, kIsThereOnce));
    });
}

constexpr char kDiedBefore[] = R"(
    select pgmq.create('outbox'), pgmq.create('other'), pgmq.create('dead_letters');
    select pgmq.send(queue, '{}') from unnest(array['outbox', 'outbox', 'other']) queue;
    select queue.bury('outbox', msg_id, null, 'because') from pgmq.q_outbox;
    select queue.bury('other', msg_id, null, 'because') from pgmq.q_other;
)";

TEST_F(SharedQueuePg, a_relay_tells_the_bus_how_many_letters_of_its_outbox_are_dead) {
    with_database([this](Service& service, Pool& pool, Connection& session) -> Task<void> {
        co_await session.script(kDiedBefore);
        const auto relay = make_relay(service, {pool, {.dsn = database_.dsn()}, pool}, pool, {});
        co_await (relay->run() ||
                  pgclient::testing::until(
                      session, "exists (select from told where (queue, letters) = ('outbox', 2))"));
    });
}

TEST_F(SharedQueuePg, a_request_is_published_once_and_with_another_body_refused) {
    with_database([](Service&, Pool& pool, Connection& session) -> Task<void> {
        SharedQueuePublisher publisher(pool, true, {.instance_id = "i1"});
        messages::LlmRequest request = design_a_cache();
        const auto first = co_await publisher.publish_llm_request(request);
        EXPECT_TRUE(first && *first > 0);
        EXPECT_EQ((co_await publisher.publish_llm_request(request)).value(), first.value());
        EXPECT_EQ(co_await session.one<std::int64_t>(kWaiting), 1);
        request.task_type = "coder";
        const auto other = co_await publisher.publish_llm_request(request);
        EXPECT_EQ(other.error().code, core::ErrorCode::refused);
    });
}

TEST_F(SharedQueuePg, what_is_wrong_with_a_request_is_named_and_nothing_sent) {
    with_database([](Service&, Pool& pool, Connection& session) -> Task<void> {
        Publisher publisher(pool, true, {});
        const auto wrong = co_await publisher.publish("llm_requests", {{"task_type", 7}});
        EXPECT_EQ(wrong.error().code, core::ErrorCode::invalid_input);
        EXPECT_NE(reason_of(wrong.error()).find("task_type"), std::string::npos);
        EXPECT_NE(reason_of(wrong.error()).find("messages"), std::string::npos);
        EXPECT_EQ((co_await publisher.publish("no_such_queue", {})).error().code, core::ErrorCode::not_found);
        EXPECT_EQ(co_await session.one<std::int64_t>(kWaiting), 0);
    });
}

TEST_F(SharedQueuePg, a_batch_is_sent_whole_or_not_at_all) {
    with_database([](Service&, Pool& pool, Connection& session) -> Task<void> {
        Publisher publisher(pool, true, {});
        messages::LlmRequest second = design_a_cache();
        second.request_id = "r2";
        std::vector<boost::json::object> bodies{messages::to_json(design_a_cache()),
                                                messages::to_json(second)};
        auto broken = bodies;
        broken[1].erase("messages");
        const auto refused = co_await publisher.publish_batch("llm_requests", broken);
        EXPECT_TRUE(refused.error().message.starts_with("message 2: ")) << refused.error().message;
        EXPECT_EQ(co_await session.one<std::int64_t>(kWaiting), 0);
        EXPECT_EQ((co_await publisher.publish_batch("llm_requests", bodies)).value().size(), 2U);
    });
}

constexpr pgclient::Query kReference{
    "test.reference",
    "select (message #> '{messages,0,content}' ? '$blob') and length(message::text) < 65536"
    "  and exists (select from blobs where length(body) = 100000) from pgmq.q_llm_requests"};

TEST_F(SharedQueuePg, a_large_body_travels_by_reference) {
    with_database([](Service&, Pool& pool, Connection& session) -> Task<void> {
        SharedQueuePublisher publisher(pool, true, {});
        messages::LlmRequest request = design_a_cache();
        request.messages[0].content = std::string(100'000, 'x');
        EXPECT_TRUE((co_await publisher.publish_llm_request(request)).has_value());
        EXPECT_TRUE(co_await session.one<bool>(kReference));
    });
}

TEST_F(SharedQueuePg, a_disabled_queue_says_so) {
    with_database([](Service&, Pool& pool, Connection&) -> Task<void> {
        SharedQueuePublisher publisher(pool, false, {});
        const auto published = co_await publisher.publish_llm_request(design_a_cache());
        EXPECT_NE(published.error().message.find("disabled"), std::string::npos);
        EXPECT_EQ((co_await publisher.read_llm_results()).error().code, core::ErrorCode::refused);
    });
}

constexpr char kSendResult[] =
    R"(select pgmq.send('llm_results', '{"schema_version": 1, "request_id": "r1", "response": "42", "model": "m",
                                         "tokens_used": 1, "cost_cents": 0.1}'))";

TEST_F(SharedQueuePg, results_can_be_read_by_hand_and_archived) {
    with_database([](Service&, Pool& pool, Connection& session) -> Task<void> {
        SharedQueuePublisher publisher(pool, true, {});
        co_await session.script(kSendResult);
        const auto results = (co_await publisher.read_llm_results(5)).value();
        EXPECT_EQ(results.at(0).message.value().response, "42");
        EXPECT_TRUE(co_await publisher.archive("llm_results", results.at(0).msg_id));
        EXPECT_FALSE(co_await publisher.archive("llm_results", results.at(0).msg_id));
        EXPECT_EQ((co_await publisher.read_llm_results(-1)).error().code, core::ErrorCode::invalid_input);
    });
}

constexpr char kDeliver[] =
    "insert into answers (request_id, queue, answer) values ('r1', 'llm_results', '{\"response\": 42}');"
    "select pg_notify('agent_answers', 'r1')";
constexpr pgclient::Query kTaken{"test.taken", "select count(*) from answers where taken_at is not null"};

TEST_F(SharedQueuePg, whoever_waits_for_an_answer_gets_it_and_others_wait_on) {
    with_database([this](Service& service, Pool& pool, Connection& session) -> Task<void> {
        Answers answers(service, pool, {.dsn = database_.dsn()});
        const auto deliver = [&]() -> Task<void> {
            while (answers.waiting() < 3)
                co_await boost::asio::post(service.executor(), boost::asio::use_awaitable);
            co_await session.script(kDeliver);
        };
        const auto wait_for_all = [&]() -> Task<void> {
            std::optional<boost::json::value> one, two, other;
            const auto wait = [&](auto& answer, const char* request_id, auto time) -> Task<void> {
                answer = co_await answers.wait(request_id, time);
            };
            co_await (wait(one, "r1", 30s) && wait(two, "r1", 30s) && wait(other, "r2", 500ms) && deliver());
            EXPECT_EQ(one.value().at("response"), 42);
            EXPECT_TRUE(two.has_value());
            EXPECT_FALSE(other.has_value());
            EXPECT_TRUE((co_await answers.wait("r1", 30s)).has_value());  // it had been there before
            EXPECT_EQ(answers.waiting(), 0U);
        };
        co_await (wait_for_all() || answers.run());
        EXPECT_EQ(co_await session.one<std::int64_t>(kTaken), 1);
    });
}

// The first delivery ends the connections over which its message would be archived, as a crash would that
// takes the stored answer back.
constexpr char kCrashBeforeArchiving[] = R"(
    select pgmq.create(q) from unnest(array['embedding_results', 'job_results', 'approval_responses',
                                            'question_responses', 'agent_responses']) q;
    create function deliver_answer(queue text, request_id text, answer jsonb) returns void language plpgsql as $$
    begin
        insert into answers (request_id, queue, answer) values ($2, $1, $3);
        if (select count(*) from answers) = 1 then
            perform pg_terminate_backend(pid, 10000) from pg_stat_activity
            where application_name = 'bus' and datname = current_database();
        end if;
    end $$;
    select pgmq.send('llm_results', '{"request_id": "r1", "response": "yes", "model": "m", "tokens_used": 1, "cost_cents": 1}');
)";
constexpr pgclient::Query kDeliveries{"test.deliveries", "select count(*) from answers"};

TEST_F(SharedQueuePg, an_answer_that_a_crash_may_have_taken_back_is_stored_again) {
    with_database([this](Service& service, Pool& pool, Connection& session) -> Task<void> {
        co_await session.script(kCrashBeforeArchiving);
        const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
        Pool bus(service.executor(), {.connect = {.dsn = database_.dsn(), .application_name = "bus"}});
        Answers answers(service, pool, connect);
        SharedQueueConsumer consumer(service, {bus, connect, pool}, answers);
        co_await (consumer.run() ||
                  pgclient::testing::until(session, "exists (select from pgmq.a_llm_results)"));
        EXPECT_EQ(co_await session.one<std::int64_t>(kDeliveries), 2);
    });
}

// One by somebody who does not say whose the request was, and one that says so itself.
constexpr char kPersonsAnswers[] = R"(
    select pgmq.create(q) from unnest(array['embedding_results', 'job_results', 'approval_responses',
                                            'question_responses', 'agent_responses']) q;
    create function deliver_answer(queue text, request_id text, answer jsonb) returns void language sql begin atomic
        insert into answers (request_id, queue, answer) values ($2, $1, $3);
    end;
    select pgmq.send('question_responses', jsonb_build_object('request_id', 'r1', 'id', 'r1', 'response', 'This.')
                                           || coalesce(agent, '{}'))
    from unnest(array[null, '{"agent_id": "bob"}']::jsonb[]) agent;
)";
constexpr char kWhose[] =
    "select string_agg(answer ->> 'agent_id', ', ' order by answer ->> 'agent_id') from answers";

TEST_F(SharedQueuePg, an_answer_that_does_not_say_whose_it_is_goes_to_who_asked) {
    with_database([this](Service& service, Pool& pool, Connection& session) -> Task<void> {
        co_await session.script(kPersonsAnswers);
        const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
        Answers answers(service, pool, connect);
        SharedQueueConsumer consumer(service, {pool, connect, pool}, answers);
        co_await (consumer.run() ||
                  pgclient::testing::until(session, "(select count(*) = 2 from pgmq.a_question_responses)"));
        EXPECT_EQ(co_await session.one<std::string>({"test.whose", kWhose}), "ann of question_requests, bob");
    });
}

}  // namespace
}  // namespace singularity::services::instance
