// The outbox's relay: moves messages that were committed with a business row from an instance's local
// queue to the shared queue.
//
// No transaction spans both databases: a batch is sent, then noted in learning_sync_log and archived
// locally in one transaction. A crash in between sends it again under the same request_ids, which the
// consumer's inbox answers without a second effect.
#pragma once

#include "services/runtime/queue_reader.hpp"

namespace singularity::services::instance {

struct Route {
    std::string local_queue, shared_queue;
};

class Relay {
public:
    Relay(Service& service, pgclient::Pool& own, pgclient::Pool& shared, Route route);

    boost::asio::awaitable<void> listen() { return reader_.listen(); }

    // One batch: waits for it, sends it, notes it; or none came. Throws DbError.
    boost::asio::awaitable<void> forward();

private:
    pgclient::Pool& own_;
    pgclient::Pool& shared_;
    Route route_;
    QueueReader reader_;
};

}  // namespace singularity::services::instance
