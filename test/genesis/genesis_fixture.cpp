#include "genesis_fixture.hpp"
#include "core/awaitable_operators.hpp"

#include <boost/asio.hpp>

#include <boost/json.hpp>

#include "messages/headers.hpp"
#include "messages/publishing.hpp"
#include "pgclient/testing.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using namespace core::awaitable_operators;
using schema::test::dsn_of;

messages::JobResult ok(const messages::JobRequest& request) {
    messages::JobResult result;
    result.verdict = "ok";
    result.language = request.language;
    result.exit_code = 0;
    result.stdout = request.code;
    result.stdout_encoding = "utf-8";
    result.usage = messages::JobUsage{.wall_ms = 10, .cpu_ms = 5, .memory_peak_kb = 2048};
    return result;
}

GenesisPg::GenesisPg() {
    own_.script(
        "truncate public.jobs, public.runs, public.inbox, public.job_cancellations, public.agent_usage,"
        " public.job_output; select pgmq.purge_queue('outbox')");
    schema::test::Database owner("shared_queue", "centralcloud");
    owner.script(
        "select pgmq.purge_queue('job_requests'); truncate pgmq.a_job_requests;"
        " select queue.configure('job_requests', '{\"max_in_flight_per_group\": null}')");
    schema::test::Database("shared_queue").script("delete from queue.unique_keys");
    config_.database_urls = {{"genesis", dsn_of("genesis", "genesis")},
                             {"shared_queue", dsn_of("genesis", "shared_queue")}};
    runner_ = {
        .run = [this](const messages::JobRequest& request, ShowOutput) -> awaitable<messages::JobResult> {
            ++runs_[request.request_id];
            co_return ok(request);
        },
        .language = [](std::string_view name) { return std::string(name == "py" ? "python" : name); },
        .check = [](const messages::JobRequest&) { return std::optional<core::Error>(); },
        .probe = []() -> awaitable<void> { co_return; },
        .limits = [](const messages::JobRequest&) { return sandbox::Limits{}; },
        .memory_mb = [](const messages::JobRequest&) { return std::int64_t{64}; },
    };
}

messages::JobRequest GenesisPg::job(std::string id, std::string code) {
    messages::JobRequest request;
    request.request_id = request.id = std::move(id);
    request.instance_id = "singularity";
    request.language = "python";
    request.code = std::move(code);
    return request;
}

void GenesisPg::ask(std::vector<messages::JobRequest> requests) {
    for (const messages::JobRequest& request : requests) {
        const auto body = messages::complete("job_requests", messages::to_json(request), {}).value();
        bus_.script("select pgmq.send('job_requests', '" + boost::json::serialize(body) + "'::jsonb, '" +
                    boost::json::serialize(messages::headers_of("job_requests", body)) + "'::jsonb)");
    }
}

void GenesisPg::serve_while(std::function<awaitable<void>(Service&)> watch) {
    pgclient::testing::run([&]() -> awaitable<void> {
        Service service(co_await asio::this_coro::executor, config_, "genesis");
        pgclient::Pool own(service.executor(), service.pool_options("genesis"));
        pgclient::Pool bus(service.executor(), service.pool_options("shared_queue"));
        SharedQueueConsumer consumer(service, {bus, service.connect_options("shared_queue"), own}, runner_,
                                     bounds_);
        co_await (consumer.run() || watch(service));
    });
}

void GenesisPg::serve_until(std::string condition) {
    serve_while([&](Service&) { return until(condition); });
}

awaitable<void> GenesisPg::until(std::string condition) {
    const auto observer = co_await pgclient::Connection::open({.dsn = dsn_of("genesis", "genesis")});
    co_await pgclient::testing::until(*observer, std::move(condition));
}

awaitable<void> GenesisPg::pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

std::string GenesisPg::verdicts(const std::string& id) {
    return own_.value(
        "select coalesce(string_agg(message ->> 'verdict', ' '), '') from pgmq.q_outbox"
        " where headers ->> 'x-outbox-queue' = 'job_results' and message ->> 'request_id' = '" +
        id + "'");
}

}  // namespace singularity::services::genesis
