// Queues whose tables are not what we would make are served by SQL: the executor then does what their owner
// wanted, or refuses in its own words.
#pragma once

#include "extensions/sg_queue/src/queue_table.hpp"

namespace singularity::queue {

struct SqlArgument {
    Oid type;
    std::optional<Datum> value;
};

// A statement with the queue's tables in place of {q} and {a}.
std::string with_tables(std::string_view sql, const Queue& queue);

// Runs a statement whose {q} and {a} stand for the queue's tables. Its rows become the function's result
// where `fn` is given. Returns how many rows there were.
std::uint64_t run_sql(const OpenQueue& queue, std::string_view sql, std::span<const SqlArgument> arguments,
                      const pg::FunctionCall* fn);

// The statements; $1, $2, … as their comments say.
// message, headers, due
constexpr std::string_view kSendSql =
    "insert into {q} (message, headers, vt) values ($1, $2, $3) returning msg_id";
// messages, headers or null, due
constexpr std::string_view kSendBatchSql =
    "with sent as ("
    " insert into {q} (message, headers, vt)"
    " select message, headers, $3 from unnest($1, $2) with ordinality as batch (message, headers, place)"
    " order by place returning msg_id)"
    " select msg_id from sent order by msg_id";
// limit, seconds, conditional
constexpr std::string_view kReadSql =
    "with visible as ("
    " select q.msg_id from {q} q where q.vt <= pg_catalog.clock_timestamp() and ($3 = '{}' or q.message @> "
    "$3)"
    " order by q.msg_id limit $1 for update skip locked),"
    " claimed as ("
    " update {q} q set read_ct = q.read_ct + 1, last_read_at = pg_catalog.clock_timestamp(),"
    " vt = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $2)"
    " from visible where q.msg_id = visible.msg_id"
    " returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers)"
    " select * from claimed order by msg_id";
// limit
constexpr std::string_view kPopSql =
    "with visible as ("
    " select q.msg_id from {q} q where q.vt <= pg_catalog.clock_timestamp()"
    " order by q.msg_id limit $1 for update skip locked),"
    " popped as ("
    " delete from {q} q using visible where q.msg_id = visible.msg_id"
    " returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers)"
    " select * from popped order by msg_id";
// ids, due
constexpr std::string_view kSetVtSql =
    "with moved as ("
    " update {q} q set vt = $2 where q.msg_id = any ($1)"
    " returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers)"
    " select * from moved order by msg_id";
// ids
constexpr std::string_view kDeleteSql =
    "with gone as (delete from {q} q where q.msg_id = any ($1) returning q.msg_id)"
    " select msg_id from gone order by msg_id";
// ids
constexpr std::string_view kArchiveSql =
    "with gone as ("
    " delete from {q} q where q.msg_id = any ($1)"
    " returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers),"
    " kept as ("
    " insert into {a} (msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers) select * from gone)"
    " select msg_id from gone order by msg_id";
// one row: msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers
constexpr std::string_view kKeepSql =
    "insert into {a} (msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers)"
    " values ($1, $2, $3, $4, $5, $6, $7)";

}  // namespace singularity::queue
