// A consumer of questions against a server, for tests: a database with all that it needs.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <deque>

#include "core/awaitable_operators.hpp"
#include "messages/question.hpp"
#include "pgclient/testing.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services::testing {

using messages::QuestionRequest;
using messages::QuestionResponse;
using pgclient::Connection;
using pgclient::Task;
using pgclient::testing::until;

inline constexpr char kDatabase[] = R"(
    create extension pgmq cascade;
    select pgmq.create('question_requests'), pgmq.create('outbox'), pgmq.create('dead_letters');
    create table public.inbox (queue text, request_id text, received_at timestamptz not null default clock_timestamp(),
                               result jsonb, primary key (queue, request_id));
    create table public.effects (request_id text);
    create function public.put_in_outbox(queue_name text, message jsonb) returns bigint language sql
        return (select id from pgmq.send('outbox', message, jsonb_build_object('x-outbox-queue', queue_name)) as s (id));
    create function public.ask(id text) returns bigint language sql
        return (select sent.id from pgmq.send('question_requests', jsonb_build_object(
                    'schema_version', 1, 'request_id', id, 'id', id, 'question', 'really?', 'agent_id', 'a1')) as sent (id));
)";

inline constexpr char kAllArchived[] =
    "not exists (select from pgmq.q_question_requests) and exists (select from pgmq.a_question_requests)";

inline constexpr pgclient::Query kEffect{"test.effect", "insert into public.effects values ($1)"};

inline QuestionResponse yes(const QuestionRequest& request) {
    QuestionResponse response;
    response.id = request.id;
    response.response = "yes";
    return response;
}

// What another coroutine of this process sets: a claim that the database shows need not have come here yet.
inline Task<void> until_set(const bool& flag) {
    while (!flag)
        co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

class ConsumerPg : public ::testing::Test {
protected:
    ConsumerPg() {
        pgclient::testing::run([&]() -> Task<void> {
            const auto session = co_await Connection::open({.dsn = database_.dsn()});
            co_await session->script(kDatabase);
        });
    }

    // Serves the queue with `handle` until `condition` holds, with `before` done first.
    template <class Handle>
    void serve(std::string before, ConsumerOptions options, Handle handle, std::string condition) {
        serve_while(std::move(before), std::move(options), std::move(handle),
                    [condition](Connection& observer) { return until(observer, condition); });
    }

    template <class Handle, class Watch>
    void serve_while(std::string before, ConsumerOptions options, Handle handle, Watch watch) {
        serve_service(
            std::move(before), std::move(options), [&](Service&) { return handle; },
            [&](Service&, Connection& observer) { return watch(observer); });
    }

    template <class MakeHandle, class Watch>
    void serve_service(std::string before, ConsumerOptions options, MakeHandle make_handle, Watch watch) {
        serve_handler(
            std::move(before), std::move(options),
            [&](Service& service, pgclient::Pool&) { return handler<QuestionRequest>(make_handle(service)); },
            std::move(watch));
    }

    // `make_handler(service, own)` makes it.
    template <class MakeHandler, class Watch>
    void serve_handler(std::string before, ConsumerOptions options, MakeHandler make_handler, Watch watch) {
        with_consumer(std::move(before), std::move(options), std::move(make_handler),
                      [&](Service& service, Consumer& consumer, Connection& observer) -> Task<void> {
                          using namespace core::awaitable_operators;
                          co_await (consumer.run() || watch(service, observer));
                      });
    }

    // Runs and stops the consumer as `use` does.
    template <class MakeHandler, class Use>
    void with_consumer(std::string before, ConsumerOptions options, MakeHandler make_handler, Use use) {
        pgclient::testing::run([&]() -> Task<void> {
            Service service(co_await boost::asio::this_coro::executor, config_, "test");
            const pgclient::ConnectOptions connect{.dsn = database_.dsn()};
            pgclient::Pool pool(service.executor(), {.connect = connect});
            const auto observer = co_await Connection::open(connect);
            co_await observer->script(before);
            options.queue = "question_requests";
            Consumer consumer(service, {pool, connect, pool}, options, make_handler(service, pool));
            co_await use(service, consumer, *observer);
        });
    }

    // One value, as text.
    std::string value(const std::string& sql) {
        std::string found;
        pgclient::testing::run([&]() -> Task<void> {
            const auto session = co_await Connection::open({.dsn = database_.dsn()});
            queries_.push_back("select (" + sql + ")::text");
            found = (co_await session->one<std::optional<std::string>>({"test.value", queries_.back()}))
                        .value_or("");
        });
        return found;
    }

    pgclient::testing::TestDatabase database_;
    core::Config config_;
    std::deque<std::string> queries_;
};

}  // namespace singularity::services::testing
