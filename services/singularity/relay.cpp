#include "services/singularity/relay.hpp"

#include <boost/asio.hpp>

namespace singularity::services::instance {

namespace asio = boost::asio;

namespace {

constexpr pgclient::Query kSend{"relay.send",
                                "select msg_id from pgmq.send_batch($1::text, $2::jsonb[]) as sent (msg_id)"};

// Whatever waits in the queue is carried; what is no pattern has nothing to be noted, and the hub says
// why it refuses it. One row a request: a message that is sent again finds its row.
constexpr pgclient::Query kNote{
    "relay.note",
    "insert into public.learning_sync_log"
    " (queue, request_id, name, ecosystem, revision, local_msg_id, shared_msg_id)"
    " select $1::text, message ->> 'request_id', message ->> 'name', message ->> 'ecosystem',"
    "  (message ->> 'revision')::integer, local_id, shared_id"
    " from unnest($2::jsonb[], $3::bigint[], $4::bigint[]) as sent (message, local_id, shared_id)"
    " where message ->> 'request_id' is not null and message ->> 'name' is not null"
    "  and message ->> 'ecosystem' is not null and jsonb_typeof(message -> 'revision') = 'number'"
    " on conflict (request_id) do nothing"};
constexpr pgclient::Query kArchive{"relay.archive", "select pgmq.archive($1::text, $2::bigint[])"};

}  // namespace

Relay::Relay(Service& service, pgclient::Pool& own, pgclient::Pool& shared, Route route)
    : own_(own),
      shared_(shared),
      route_(std::move(route)),
      reader_(service, own, service.connect_options("singularity"),
              {.queue = route_.local_queue,
               .batch = static_cast<std::int32_t>(service.config().shared_queue_batch_size) * 10,
               .poll = std::chrono::milliseconds(service.config().shared_queue_poll_ms)}) {}

asio::awaitable<void> Relay::forward() {
    std::vector<boost::json::value> messages;
    std::vector<std::int64_t> local_ids;
    for (QueueMessage& message : co_await reader_.next()) {
        messages.push_back(std::move(message.message).value_or(nullptr));
        local_ids.push_back(message.msg_id);
    }
    if (messages.empty()) co_return;
    std::vector<std::int64_t> shared_ids;
    {
        const auto bus = co_await shared_.acquire();
        shared_ids = co_await bus->rows<std::int64_t>(kSend, route_.shared_queue, messages);
    }
    const auto own = co_await own_.acquire();
    auto transaction = co_await own->begin();
    co_await own->exec(kNote, route_.shared_queue, messages, local_ids, shared_ids);
    co_await own->exec(kArchive, route_.local_queue, local_ids);
    co_await transaction.commit();
}

}  // namespace singularity::services::instance
