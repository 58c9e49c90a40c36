#include "services/singularity/shared_queue_consumer.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <map>

#include "core/log.hpp"
#include "messages/registry.hpp"
#include "services/runtime/run_all.hpp"

namespace singularity::services::instance {

namespace {

constexpr std::string_view kAnswerQueues[] = {"llm_results",        "embedding_results",  "job_results",
                                              "approval_responses", "question_responses", "agent_responses"};

// In one order, so that two processes that store the same ones don't wait for each other in a ring.
constexpr pgclient::Query kDeliver{
    "shared_queue_consumer.deliver",
    "select public.deliver_answer(a.queue, a.request_id, a.answer)"
    " from (select * from unnest($1::text[], $2::text[], $3::jsonb[]) as given (queue, request_id, answer)"
    "       order by request_id, queue) a"};
// Where both databases write one log: without a wait for the disk.
constexpr pgclient::Query kDeliverSoon{
    "shared_queue_consumer.deliver_soon",
    "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
    " select public.deliver_answer(a.queue, a.request_id, a.answer)"
    " from hurry, (select * from unnest($1::text[], $2::text[], $3::jsonb[]) as given (queue, request_id, "
    "answer)"
    "       order by request_id, queue) a"};

constexpr pgclient::Query kArchiveAnswers{
    "shared_queue_consumer.archive",
    "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
    " select pgmq.archive($1::text, $2::bigint[]) from hurry"};

constexpr pgclient::Query kAgents{"shared_queue_consumer.agents",
                                  "select request_id, agent_id from public.agents_of($1::text, $2::text[])"};

constexpr pgclient::Query kJoin{"shared_queue_consumer.join", "select public.join_bus($1::text)"};

struct Asked {
    std::string request_id, agent_id;
};

// Or that it is no agent's.
bool names_agent(const boost::json::value& answer) {
    return answer.is_object() && answer.get_object().contains("agent_id");
}

// The queue of the requests that are answered through this one.
std::string requests_of(std::string_view answers) {
    const auto queue = messages::find_contract(answers)->queue;
    const auto found =
        std::ranges::find(messages::queue_contracts(), queue, &messages::QueueContract::answers);
    return std::string(found->queue);
}

}  // namespace

std::vector<std::string> answer_queues() {
    return {std::begin(kAnswerQueues), std::end(kAnswerQueues)};
}

SharedQueueConsumer::SharedQueueConsumer(Service& service, Bus bus, Answers& answers)
    : service_(service),
      bus_(bus),
      answers_(answers),
      same_log_(bus_.own, bus_.queues),
      arrivals_(kPassedOn,
                [this](const std::vector<Arrival*>& arrivals) { return store_and_archive(arrivals); }) {
    for (const std::string_view queue : kAnswerQueues) {
        ConsumerOptions options = consumer_options(
            service.config(), messages::queue_to(queue, service.config().instance_id), kPassedOn);
        options.once = Once::by_handler;
        consumers_.push_back(std::make_unique<Consumer>(
            service, bus, std::move(options), [this](Delivery& delivery) { return deliver(delivery); }));
    }
}

pgclient::Task<Outcome> SharedQueueConsumer::deliver(Delivery& delivery) {
    Arrival arrival{delivery.queue(), delivery.claim().msg_id, delivery.request_id(), delivery.body()};
    co_await arrivals_.add(std::move(arrival));
    co_return Outcome{.archived = true};
}

// While the bus has a message, its answer may be lost in a crash. Archiving needs a connection from before:
// were there a crash between the two, it would fail, and both would be done again.
pgclient::Task<void> SharedQueueConsumer::store_and_archive(std::vector<Arrival*> arrivals) {
    const auto bus = co_await bus_.queues.acquire();
    co_await name_agents(*bus, arrivals);
    co_await store(arrivals);
    std::map<std::string_view, std::vector<std::int64_t>> msg_ids;
    for (const Arrival* arrival : arrivals) {
        answers_.arrived(arrival->request_id, arrival->answer);
        msg_ids[arrival->queue].push_back(arrival->msg_id);
    }
    for (const auto& [queue, ids] : msg_ids) co_await bus->exec(kArchiveAnswers, queue, ids);
}

// What a service answers says whose the request was; what a person does, need not.
pgclient::Task<void> SharedQueueConsumer::name_agents(pgclient::Connection& bus,
                                                      const std::vector<Arrival*>& arrivals) {
    std::map<std::string, std::vector<std::string>> unnamed;  // requests by their queue
    for (const Arrival* arrival : arrivals) {
        if (!names_agent(arrival->answer))
            unnamed[requests_of(arrival->queue)].push_back(arrival->request_id);
    }
    for (const auto& [queue, request_ids] : unnamed) {
        for (const Asked& asked : co_await bus.rows<Asked>(kAgents, queue, request_ids)) {
            for (Arrival* arrival : arrivals) {
                const bool is_its =
                    arrival->request_id == asked.request_id && requests_of(arrival->queue) == queue;
                if (is_its && !names_agent(arrival->answer))
                    arrival->answer.as_object()["agent_id"] = asked.agent_id;
            }
        }
    }
}

// Each under its request's id, once.
pgclient::Task<void> SharedQueueConsumer::store(const std::vector<Arrival*>& arrivals) {
    std::vector<std::string> queues, request_ids;
    std::vector<boost::json::value> answers;
    for (const Arrival* arrival : arrivals) {
        queues.emplace_back(messages::find_contract(arrival->queue)->queue);
        request_ids.push_back(arrival->request_id);
        answers.push_back(arrival->answer);
    }
    const bool soon = co_await same_log_.known();
    const auto own = co_await bus_.own.acquire();
    co_await own->exec(soon ? kDeliverSoon : kDeliver, queues, request_ids, answers);
}

boost::asio::awaitable<void> SharedQueueConsumer::join_bus() {
    const auto session = co_await bus_.queues.acquire();
    for (const auto& queue : co_await session->rows<std::string>(kJoin, service_.config().instance_id)) {
        core::log::info("shared_queue.created", {{"queue", queue}});
    }
}

boost::asio::awaitable<void> SharedQueueConsumer::run() {
    if (service_.config().instance_id != messages::kFirstInstance) {
        co_await service_.attempt("shared_queue", [this] { return join_bus(); });
    }
    std::vector<boost::asio::awaitable<void>> runs;
    runs.reserve(consumers_.size());
    for (const auto& consumer : consumers_) runs.push_back(consumer->run());
    co_await run_all(std::move(runs));
}

}  // namespace singularity::services::instance
