// What goes on beside the jobs: cancellations, what processes that died have left, whether boxes can be made.
#include <boost/asio.hpp>

#include "core/log.hpp"
#include "messages/json_mapping.hpp"
#include "messages/registry.hpp"
#include "messages/request_id.hpp"
#include "pgclient/error.hpp"
#include "pgclient/listener.hpp"
#include "services/genesis/job_answers.hpp"
#include "services/genesis/shared_queue_consumer.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using asio::awaitable;
using messages::JobRequest;

namespace {

constexpr char kChannel[] = "job_cancellations";
constexpr std::chrono::seconds kBetweenRounds{5};
constexpr std::chrono::milliseconds kBetweenLooksForAnother{100};
constexpr int kLooksForAnother = 20;
constexpr std::chrono::minutes kBetweenPrunings{1};

std::string text_of(const boost::json::object& body, std::string_view field, std::string otherwise) {
    const auto* value = body.if_contains(field);
    return value && value->is_string() ? std::string(value->get_string()) : std::move(otherwise);
}

// As much of a job as its cancellation needs: strings may be elsewhere, or the message none at all.
JobRequest outline_of(const boost::json::value& message) {
    JobRequest request;
    if (!message.is_object()) return request;
    const boost::json::object& body = message.get_object();
    request.request_id = messages::request_id_of(body);
    request.language = text_of(body, "language", "unknown");
    request.code = text_of(body, "code", boost::json::serialize(body));
    if (const std::string kind = text_of(body, "kind", ""); kind == "validate" || kind == "lint")
        request.kind = kind;
    if (const std::string id = text_of(body, "instance_id", ""); !id.empty()) request.instance_id = id;
    if (const std::string id = text_of(body, "agent_id", ""); !id.empty()) request.agent_id = id;
    return request;
}

}  // namespace

awaitable<void> SharedQueueConsumer::hear_cancellations() {
    pgclient::Listener listener(service_.connect_options("genesis"), {kChannel});
    for (;;) {
        const pgclient::Notification note = co_await listener.next();
        std::vector<std::string> request_ids{note.payload};
        if (note.resync) {
            co_await service_.attempt(
                "cancellations", [&]() -> awaitable<void> { request_ids = co_await store_.cancellations(); });
        }
        for (const std::string& request_id : request_ids)
            co_await service_.attempt("cancellations", [&] { return cancel(request_id); });
    }
}

// A job that is not on the bus yet is cancelled when it comes; one that another process has, is that one's.
awaitable<void> SharedQueueConsumer::cancel(std::string request_id) {
    if (running_.cancel(request_id)) co_return;
    const auto waiting = co_await store_.find_waiting(request_id);
    if (!waiting) co_return;
    const JobRequest request = outline_of(waiting->message);
    messages::JobResult result =
        answer_without_run("cancelled", {.code = "cancelled", .message = "it was cancelled before it ran"});
    address(result, request, 0, store_.instance_id());
    result.attempt.reset();
    result.schema_version = messages::kSchemaVersion;
    const std::string queue = messages::queue_to(messages::JobResult::kQueue, *result.instance_id);
    if (co_await store_.cancel_unrun(request, waiting->enqueued_at, queue, messages::to_json(result)))
        co_await store_.archive(waiting->msg_id);
}

// Who was killed is gone for the server a moment later.
awaitable<void> SharedQueueConsumer::take_over() {
    asio::steady_timer pause(service_.executor());
    alive_ = co_await pgclient::Connection::open(service_.connect_options("genesis"));
    for (int look = 0; look < kLooksForAnother && !co_await store_.release_all_if_alone(*alive_); ++look) {
        pause.expires_after(kBetweenLooksForAnother);
        co_await pause.async_wait(asio::use_awaitable);
    }
    co_await store_.live(*alive_);
}

awaitable<void> SharedQueueConsumer::keep_house() {
    asio::steady_timer pause(service_.executor());
    for (;;) {
        pause.expires_after(kBetweenRounds);
        co_await pause.async_wait(asio::use_awaitable);
        co_await service_.attempt("jobs", [this] { return look_after(); });
    }
}

awaitable<void> SharedQueueConsumer::look_after() {
    if (!alive_ || !alive_->usable()) {
        alive_ = co_await pgclient::Connection::open(service_.connect_options("genesis"));
        co_await store_.live(*alive_);
    }
    co_await store_.check(*alive_);
    for (const AbandonedRun& run : co_await store_.abandoned()) {
        core::log::info("job.abandoned", {{"request_id", run.request_id}, {"attempt", run.attempt}});
        co_await store_.release(run);
    }
    co_await sandbox_is_away();
    if (std::chrono::steady_clock::now() - pruned_ < kBetweenPrunings) co_return;
    co_await store_.prune_output();
    pruned_ = std::chrono::steady_clock::now();
}

awaitable<void> SharedQueueConsumer::return_runs() {
    try {
        co_await store_.return_all();
    } catch (const pgclient::DbError& error) {
        core::log::warn("jobs.not_returned", {{"reason", error.what()}});
    }
    alive_.reset();
}

}  // namespace singularity::services::genesis
