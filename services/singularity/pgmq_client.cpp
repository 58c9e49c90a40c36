#include "services/singularity/pgmq_client.hpp"

#include <boost/asio.hpp>

namespace singularity::services::instance {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr Query kSend{"pgmq_client.send", "select id from pgmq.send($1::text, $2::jsonb) as sent (id)"};
constexpr Query kRead{"pgmq_client.read",
                      "select msg_id, read_ct, message from pgmq.read($1::text, 30, $2::integer)"};
constexpr Query kDelete{"pgmq_client.delete", "select pgmq.delete($1::text, $2::bigint)"};
// Who may not create queues may still ensure that of those that are there.
constexpr Query kEnsure{
    "pgmq_client.ensure",
    "select pgmq.create($1::text)::text"
    " where to_regclass(format('pgmq.%I', pgmq.format_table_name(queue._name_of($1::text), 'q'))) is null"};

constexpr std::string_view kQueues[] = {"llm_requests",        "llm_results",    "embedding_requests",
                                        "embedding_results",   "agent_messages", "agent_responses",
                                        "centralcloud_updates"};

}  // namespace

Task<std::int64_t> send_message(pgclient::Connection& session, std::string queue_name,
                                boost::json::value message) {
    co_return co_await session.one<std::int64_t>(kSend, queue_name, message);
}

Task<std::vector<PgmqMessage>> read_messages(pgclient::Connection& session, std::string queue_name,
                                             std::int32_t limit) {
    co_return co_await session.rows<PgmqMessage>(kRead, queue_name, limit);
}

Task<bool> ack_message(pgclient::Connection& session, std::string queue_name, std::int64_t message_id) {
    co_return co_await session.one<bool>(kDelete, queue_name, message_id);
}

Task<void> ensure_queue(pgclient::Connection& session, std::string queue_name) {
    co_await session.exec(kEnsure, queue_name);
}

Task<void> ensure_all_queues(pgclient::Connection& session) {
    for (const std::string_view queue : kQueues) co_await session.exec(kEnsure, queue);
}

}  // namespace singularity::services::instance
