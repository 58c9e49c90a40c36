// SharedQueueConsumer: takes what models, people, the sandbox and other agents answered to the agents that
// asked. An answer is stored once, wakes whoever waits for it, and otherwise waits in the agent's inbox.
#pragma once

#include <memory>
#include <vector>

#include "services/runtime/consumer.hpp"
#include "services/runtime/gathering.hpp"
#include "services/runtime/same_log.hpp"
#include "services/singularity/answers.hpp"

namespace singularity::services::instance {

// Through which the first instance is answered.
std::vector<std::string> answer_queues();

class SharedQueueConsumer {
public:
    // All outlive the consumer.
    SharedQueueConsumer(Service& service, Bus bus, Answers& answers);

    // Until cancelled.
    boost::asio::awaitable<void> run();

private:
    // An instance other than the first has queues of its own for what it is answered.
    boost::asio::awaitable<void> join_bus();

    struct Arrival {
        std::string queue;  // that brought it
        std::int64_t msg_id;
        std::string request_id;
        boost::json::value answer;
    };
    pgclient::Task<Outcome> deliver(Delivery& delivery);
    pgclient::Task<void> store_and_archive(std::vector<Arrival*> arrivals);
    static pgclient::Task<void> name_agents(pgclient::Connection& bus, const std::vector<Arrival*>& arrivals);
    pgclient::Task<void> store(const std::vector<Arrival*>& arrivals);

    Service& service_;
    Bus bus_;
    Answers& answers_;
    SameLog same_log_;
    Gathering<Arrival> arrivals_;  // of all queues
    std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace singularity::services::instance
