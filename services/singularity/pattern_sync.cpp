#include "services/singularity/pattern_sync.hpp"

#include <boost/asio.hpp>

namespace singularity::services::instance {

namespace {

// Whatever waits in the queue is carried; what is no pattern has nothing to be noted, and the hub says why it
// refuses it. One row a request: a message that is sent again finds its row.
constexpr pgclient::Query kNote{
    "pattern_sync.note",
    "insert into public.learning_sync_log"
    " (queue, request_id, name, ecosystem, revision, local_msg_id, shared_msg_id)"
    " select $1::text, message ->> 'request_id', message ->> 'name', message ->> 'ecosystem',"
    "  (message ->> 'revision')::integer, $3::bigint, $4::bigint"
    " from (select $2::jsonb) as sent (message)"
    " where message ->> 'request_id' is not null and message ->> 'name' is not null"
    "  and message ->> 'ecosystem' is not null and jsonb_typeof(message -> 'revision') = 'number'"
    " on conflict (request_id) do nothing"};

}  // namespace

Carried note_sent_patterns(pgclient::Pool& own) {
    return [&own](const Claim& claim, std::int64_t shared_msg_id) -> pgclient::Task<void> {
        const auto session = co_await own.acquire();
        co_await session->exec(kNote, kPatternRoute.shared_queue, claim.message, claim.msg_id, shared_msg_id);
    };
}

}  // namespace singularity::services::instance
