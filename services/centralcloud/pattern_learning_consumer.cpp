#include "services/centralcloud/pattern_learning_consumer.hpp"

#include <boost/asio.hpp>

#include "core/log.hpp"
#include "messages/validation.hpp"
#include "pgclient/error.hpp"

namespace singularity::services::centralcloud {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kQueue = "pattern_discoveries_published";

constexpr pgclient::Query kAccept{"pattern_learning.accept",
                                  "select public.accept_pattern_discovery($1::jsonb)"};
constexpr pgclient::Query kBury{
    "pattern_learning.bury",
    "insert into public.dead_messages (queue, msg_id, body, reason) values ($1, $2, $3, $4)"
    " on conflict (queue, msg_id) do nothing"};

std::string reason_of(const core::Error& error) {
    std::string reason = error.message;
    for (const std::string& detail : error.details) reason += "; " + detail;
    return reason;
}

// Data exceptions, constraint violations and what a function raised: the same message would fail again.
bool refused_for_its_content(const pgclient::DbError& error) {
    const std::string_view state_class = std::string_view(error.sqlstate()).substr(0, 2);
    return error.cause() == pgclient::Cause::server &&
           (state_class == "22" || state_class == "23" || state_class == "P0");
}

}  // namespace

PatternLearningConsumer::PatternLearningConsumer(Service& service, pgclient::Pool& shared,
                                                 pgclient::Pool& own)
    : own_(own),
      reader_(service, shared, service.connect_options("shared_queue"),
              {.queue = std::string(kQueue),
               .batch = static_cast<std::int32_t>(service.config().shared_queue_batch_size),
               .poll = std::chrono::milliseconds(service.config().shared_queue_poll_ms)}) {}

asio::awaitable<void> PatternLearningConsumer::consume() {
    const std::vector<QueueMessage> batch = co_await reader_.next();
    if (batch.empty()) co_return;
    std::vector<std::int64_t> done;
    const auto hub = co_await own_.acquire();
    for (const QueueMessage& message : batch) {
        co_await accept(*hub, message);
        done.push_back(message.msg_id);
    }
    co_await reader_.archive(std::move(done));
}

asio::awaitable<void> PatternLearningConsumer::accept(pgclient::Connection& hub,
                                                      const QueueMessage& message) {
    const boost::json::value body = message.message.value_or(nullptr);
    if (const auto verdict = messages::validate(kQueue, body); !verdict) {
        co_await bury(hub, message, reason_of(verdict.error()));
        co_return;
    }
    std::string refusal;
    try {
        co_await hub.exec(kAccept, body);
    } catch (const pgclient::DbError& error) {
        if (!refused_for_its_content(error)) throw;
        refusal = error.what();
    }
    if (!refusal.empty()) co_await bury(hub, message, refusal);
}

asio::awaitable<void> PatternLearningConsumer::bury(pgclient::Connection& hub, const QueueMessage& message,
                                                    const std::string& reason) {
    co_await hub.exec(kBury, kQueue, message.msg_id, message.message, reason);
    core::log::warn("queue.message_refused",
                    {{"queue", kQueue}, {"msg_id", message.msg_id}, {"reason", reason}});
}

}  // namespace singularity::services::centralcloud
