// Durable queues under the names that the systems on top ask for (docs/queue.md): a message that was sent is
// received by one consumer at a time, until one acknowledges it.
//
// These are faces of sg_queue's SQL functions, in whatever database the connection is on. All throw
// pgclient::DbError; a queue that isn't there is 42P01. Sending, receiving and acknowledging are part of the
// connection's transaction, if it has one open: what rolls back was not done.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "pgclient/query.hpp"

namespace singularity::pgclient {
class Connection;
}

namespace singularity::capabilities::message_queue {

using MessageId = std::int64_t;

// How long a received message stays hidden from other consumers, unless said otherwise.
inline constexpr std::chrono::seconds kHiddenWhileProcessed{30};

struct Message {
    MessageId msg_id = 0;
    boost::json::value message;  // null also where SQL sent a NULL
};

struct QueueStats {
    std::int64_t total_messages = 0;  // in the queue now; archived and acknowledged ones have left it
    std::int64_t in_flight = 0;       // received and not yet acknowledged, or delayed
    std::int64_t available = 0;       // could be received now
};

// pgmq.create(): a queue that exists stays as it is.
pgclient::Task<void> create_queue(pgclient::Connection& connection, std::string_view queue);

// pgmq.send(). Whoever waits for the queue is woken by the commit.
pgclient::Task<MessageId> send(pgclient::Connection& connection, std::string_view queue,
                               const boost::json::value& message);

// pgmq.read(): the available message with the lowest id, if there is one. It comes back after `hidden`.
pgclient::Task<std::optional<Message>> receive_message(pgclient::Connection& connection,
                                                       std::string_view queue,
                                                       std::chrono::seconds hidden = kHiddenWhileProcessed);

// pgmq.delete(): false where the message is gone, acknowledged by another whose turn came after ours ended.
pgclient::Task<bool> acknowledge(pgclient::Connection& connection, std::string_view queue, MessageId msg_id);

// pgmq.set_vt() to now: gives a message back to all consumers at once. False where it is gone.
pgclient::Task<bool> nack(pgclient::Connection& connection, std::string_view queue, MessageId msg_id);

// Handles one message; false, or an exception, says that it has to be handled again.
using Handler = std::function<bool(const Message& message)>;

// Receives up to `limit` messages at once and gives each to `handler`, lowest id first: acknowledged where it
// returns true, given back where it returns false. Returns the number acknowledged. An exception gives back
// its message and the ones behind it, then goes on to the caller. The whole batch has `hidden` to be
// handled: what takes longer is delivered again, which makes handlers idempotent.
pgclient::Task<std::int64_t> process_batch(pgclient::Connection& connection, std::string_view queue,
                                           Handler handler, std::int32_t limit = 100,
                                           std::chrono::seconds hidden = kHiddenWhileProcessed);

// Counts of this moment, from the queue's index.
pgclient::Task<QueueStats> queue_stats(pgclient::Connection& connection, std::string_view queue);

// Whether more than `threshold` messages could be received now.
pgclient::Task<bool> queue_backed_up(pgclient::Connection& connection, std::string_view queue,
                                     std::int64_t threshold = 1000);

}  // namespace singularity::capabilities::message_queue
