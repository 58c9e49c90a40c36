// PgmqClient: the plain calls of the queue's first guide, on any connection: send_message, read_messages,
// ack_message, ensure_queue, ensure_all_queues. No schema is looked at; publishers do that.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::services::instance {

struct PgmqMessage {
    std::int64_t msg_id;
    std::int32_t read_ct;
    std::optional<boost::json::value> message;
};

// All throw DbError: 42P01 where there is no such queue.
pgclient::Task<std::int64_t> send_message(pgclient::Connection& session, std::string queue_name,
                                          boost::json::value message);
// Claims for 30 seconds. A negative limit is DbError 2201W.
pgclient::Task<std::vector<PgmqMessage>> read_messages(pgclient::Connection& session, std::string queue_name,
                                                       std::int32_t limit);
// Deletes; false where there is no such message.
pgclient::Task<bool> ack_message(pgclient::Connection& session, std::string queue_name,
                                 std::int64_t message_id);
pgclient::Task<void> ensure_queue(pgclient::Connection& session, std::string queue_name);
// The seven of the first guide, under their present names.
pgclient::Task<void> ensure_all_queues(pgclient::Connection& session);

}  // namespace singularity::services::instance
