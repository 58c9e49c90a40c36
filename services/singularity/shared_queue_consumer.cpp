#include "services/singularity/shared_queue_consumer.hpp"

#include <boost/asio.hpp>

#include "core/log.hpp"
#include "messages/registry.hpp"
#include "services/runtime/run_all.hpp"

namespace singularity::services::instance {

namespace {

constexpr std::string_view kAnswerQueues[] = {"llm_results",        "embedding_results",  "job_results",
                                              "approval_responses", "question_responses", "agent_responses"};

constexpr pgclient::Query kDeliver{"shared_queue_consumer.deliver",
                                   "select public.deliver_answer($1::text, $2::text, $3::jsonb)"};

constexpr pgclient::Query kJoin{"shared_queue_consumer.join", "select public.join_bus($1::text)"};

// Stored under its request's id, once.
Handler deliver(pgclient::Pool& own, Answers& answers) {
    return [&own, &answers](Delivery& delivery) -> pgclient::Task<Outcome> {
        const boost::json::value answer(delivery.body());
        {
            const auto session = co_await own.acquire();
            co_await session->exec(kDeliver, messages::find_contract(delivery.queue())->queue,
                                   delivery.request_id(), answer);
        }
        answers.arrived(delivery.request_id(), answer);
        co_return Outcome{};
    };
}

}  // namespace

SharedQueueConsumer::SharedQueueConsumer(Service& service, Bus bus, Answers& answers)
    : service_(service), bus_(bus) {
    for (const std::string_view queue : kAnswerQueues) {
        ConsumerOptions options =
            consumer_options(service.config(), messages::queue_to(queue, service.config().instance_id));
        options.once = Once::by_handler;
        consumers_.push_back(
            std::make_unique<Consumer>(service, bus, std::move(options), deliver(bus.own, answers)));
    }
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
    for (const auto& consumer : consumers_) runs.push_back(consumer->run());
    co_await run_all(std::move(runs));
}

}  // namespace singularity::services::instance
