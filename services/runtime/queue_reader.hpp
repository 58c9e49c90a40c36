// Reads one queue: waits until there is a message, claims a batch, archives what was dealt with.
//
// A sender's commit rings (NOTIFY on the queue's insert channel); where a ring was missed, a look every
// `poll` finds what is there. A claimed message is invisible for `visibility`, then comes again:
// delivery is at least once, and the consumer's effect must be unique on the message's request_id.
//
// A queue that cannot be read is the reader's own trouble, shown as "queue NAME" until a read works. What
// fails with a batch is its consumer's, and over as soon as a round of it ends well.
#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pgclient/listener.hpp"
#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services {

struct QueueMessage {
    std::int64_t msg_id;
    std::int32_t read_ct;  // this read included
    std::optional<boost::json::value> message;
};

struct QueueOptions {
    std::string queue;
    std::int32_t batch = 10;
    std::chrono::seconds visibility{30};
    std::chrono::milliseconds poll{1000};
};

class QueueReader {
public:
    // `listen` reaches the database of the queue, as `pool` does. Both outlive the reader.
    QueueReader(Service& service, pgclient::Pool& pool, pgclient::ConnectOptions listen,
                QueueOptions options);

    // Runs beside next() and rings for it. Never returns.
    boost::asio::awaitable<void> listen();

    // The next batch in msg_id order. Empty where none came for as long as a claim lasts: whatever was
    // claimed before has been dealt with, or it would have come again.
    boost::asio::awaitable<std::vector<QueueMessage>> next();

    boost::asio::awaitable<void> archive(std::vector<std::int64_t> msg_ids);

private:
    boost::asio::awaitable<std::vector<QueueMessage>> read();

    Service& service_;
    pgclient::Pool& pool_;
    QueueOptions options_;
    pgclient::Listener listener_;
    Wakeup wakeup_;
};

}  // namespace singularity::services
