// SharedQueueConsumer: takes what models, people, the sandbox and other agents answered to the agents that
// asked. An answer is stored once, wakes whoever waits for it, and otherwise waits in the agent's inbox.
#pragma once

#include <memory>
#include <vector>

#include "services/runtime/consumer.hpp"
#include "services/singularity/answers.hpp"

namespace singularity::services::instance {

class SharedQueueConsumer {
public:
    // All outlive the consumer.
    SharedQueueConsumer(Service& service, Bus bus, Answers& answers);

    // Until cancelled.
    boost::asio::awaitable<void> run();

private:
    // An instance other than the first has queues of its own for what it is answered.
    boost::asio::awaitable<void> join_bus();

    Service& service_;
    Bus bus_;
    std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace singularity::services::instance
