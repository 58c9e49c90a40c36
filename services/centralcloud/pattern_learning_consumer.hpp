// PatternLearningConsumer: what instances discovered becomes CentralCloud's candidates and approved
// patterns.
//
// Each message is accepted in one transaction of the hub's database (inbox row, evidence, confidence,
// approval), then archived. A message that violates its schema, or that the database refuses for what
// it says, goes to dead_messages with the reason; what fails for other reasons comes again.
#pragma once

#include "services/runtime/queue_reader.hpp"

namespace singularity::services::centralcloud {

class PatternLearningConsumer {
public:
    // `shared` reaches shared_queue, `own` the hub's database. All outlive the consumer.
    PatternLearningConsumer(Service& service, pgclient::Pool& shared, pgclient::Pool& own);

    boost::asio::awaitable<void> listen() { return reader_.listen(); }

    // One batch: waits for it, accepts it, archives it; or none came. Throws DbError.
    boost::asio::awaitable<void> consume();

private:
    boost::asio::awaitable<void> accept(pgclient::Connection& hub, const QueueMessage& message);
    boost::asio::awaitable<void> bury(pgclient::Connection& hub, const QueueMessage& message,
                                      const std::string& reason);

    pgclient::Pool& own_;
    QueueReader reader_;
};

}  // namespace singularity::services::centralcloud
