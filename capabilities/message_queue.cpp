#include "capabilities/message_queue.hpp"

#include <exception>
#include <vector>

#include "pgclient/connection.hpp"

namespace singularity::capabilities::message_queue {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kCreate{"message_queue.create", "select pgmq.create($1::text)::text"};
constexpr Query kSend{"message_queue.send",
                      "select msg_id from pgmq.send($1::text, $2::jsonb) as sent (msg_id)"};
constexpr Query kRead{"message_queue.read",
                      "select msg_id, message from pgmq.read($1::text, $2::integer, $3::integer)"};
constexpr Query kDelete{"message_queue.delete", "select pgmq.delete($1::text, $2::bigint)"};
constexpr Query kGiveBack{"message_queue.give_back",
                          "select msg_id from pgmq.set_vt($1::text, $2::bigint[], 0)"};
constexpr Query kStats{"message_queue.stats",
                       "select queue_length as total_messages,"
                       " queue_length - queue_visible_length as in_flight,"
                       " queue_visible_length as available from pgmq.metrics($1::text)"};

struct Row {
    MessageId msg_id = 0;
    std::optional<boost::json::value> message;
};

Message message_from(Row& row) {
    return {row.msg_id, row.message ? std::move(*row.message) : nullptr};
}

std::int32_t in_seconds(std::chrono::seconds duration) {
    return static_cast<std::int32_t>(duration.count());
}

Task<void> give_back(Connection& connection, std::string_view queue, std::vector<MessageId> msg_ids) {
    co_await connection.rows<MessageId>(kGiveBack, queue, msg_ids);
}

std::vector<MessageId> ids_from(const std::vector<Row>& rows, std::size_t first) {
    std::vector<MessageId> ids;
    for (; first < rows.size(); ++first) ids.push_back(rows[first].msg_id);
    return ids;
}

}  // namespace

Task<void> create_queue(Connection& connection, std::string_view queue) {
    co_await connection.exec(kCreate, queue);
}

Task<MessageId> send(Connection& connection, std::string_view queue, const boost::json::value& message) {
    co_return co_await connection.one<MessageId>(kSend, queue, message);
}

Task<std::optional<Message>> receive_message(Connection& connection, std::string_view queue,
                                             std::chrono::seconds hidden) {
    auto row = co_await connection.maybe<Row>(kRead, queue, in_seconds(hidden), std::int32_t{1});
    if (!row) co_return std::nullopt;
    co_return message_from(*row);
}

Task<bool> acknowledge(Connection& connection, std::string_view queue, MessageId msg_id) {
    co_return co_await connection.one<bool>(kDelete, queue, msg_id);
}

Task<bool> nack(Connection& connection, std::string_view queue, MessageId msg_id) {
    co_return (co_await connection.maybe<MessageId>(kGiveBack, queue, std::vector{msg_id})).has_value();
}

Task<std::int64_t> process_batch(Connection& connection, std::string_view queue, Handler handler,
                                 std::int32_t limit, std::chrono::seconds hidden) {
    std::vector<Row> rows = co_await connection.rows<Row>(kRead, queue, in_seconds(hidden), limit);
    std::int64_t acknowledged = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::exception_ptr failure;
        bool handled = false;
        try {
            handled = handler(message_from(rows[i]));
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            co_await give_back(connection, queue, ids_from(rows, i));
            std::rethrow_exception(failure);
        }
        if (!handled) co_await nack(connection, queue, rows[i].msg_id);
        else if (co_await acknowledge(connection, queue, rows[i].msg_id)) ++acknowledged;
    }
    co_return acknowledged;
}

Task<QueueStats> queue_stats(Connection& connection, std::string_view queue) {
    co_return co_await connection.one<QueueStats>(kStats, queue);
}

Task<bool> queue_backed_up(Connection& connection, std::string_view queue, std::int64_t threshold) {
    co_return (co_await queue_stats(connection, queue)).available > threshold;
}

}  // namespace singularity::capabilities::message_queue
