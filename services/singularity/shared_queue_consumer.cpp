#include "services/singularity/shared_queue_consumer.hpp"

#include <boost/asio.hpp>

#include "services/runtime/run_all.hpp"

namespace singularity::services::instance {

namespace {

constexpr std::string_view kAnswerQueues[] = {"llm_results",        "embedding_results",  "job_results",
                                              "approval_responses", "question_responses", "agent_responses"};

constexpr pgclient::Query kDeliver{"shared_queue_consumer.deliver",
                                   "select public.deliver_answer($1::text, $2::text, $3::jsonb)"};

// Stored under its request's id, once.
Handler deliver(pgclient::Pool& own, Answers& answers) {
    return [&own, &answers](Delivery& delivery) -> pgclient::Task<Outcome> {
        const boost::json::value answer(delivery.body());
        {
            const auto session = co_await own.acquire();
            co_await session->exec(kDeliver, delivery.queue(), delivery.request_id(), answer);
        }
        answers.arrived(delivery.request_id(), answer);
        co_return Outcome{};
    };
}

}  // namespace

SharedQueueConsumer::SharedQueueConsumer(Service& service, Bus bus, Answers& answers) {
    for (const std::string_view queue : kAnswerQueues) {
        ConsumerOptions options = consumer_options(service.config(), std::string(queue));
        options.once = Once::by_handler;
        consumers_.push_back(
            std::make_unique<Consumer>(service, bus, std::move(options), deliver(bus.own, answers)));
    }
}

boost::asio::awaitable<void> SharedQueueConsumer::run() {
    std::vector<boost::asio::awaitable<void>> runs;
    for (const auto& consumer : consumers_) runs.push_back(consumer->run());
    return run_all(std::move(runs));
}

}  // namespace singularity::services::instance
