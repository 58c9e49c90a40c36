#include "cli/trace_queries.hpp"

namespace singularity::cli {

namespace {

using pgclient::Query;

constexpr Query kBus{
    "trace.bus",
    "with hops as materialized (select h.*, row_number() over () as place from public.request_hops($1::text) "
    "h)"
    " select * from ("
    "  select enqueued_at as at, queue_name as queue, msg_id, 'sent' as event, null as detail"
    "  from hops where enqueued_at is not null"
    "  union all"
    "  select last_read_at, queue_name, msg_id, 'read', case when read_ct > 1 then format('the last of %s "
    "times', read_ct) end"
    "  from hops where last_read_at is not null"
    "  union all"
    "  select finished_at, queue_name, msg_id, case state when 'dead' then 'died' else state end,"
    "   case when state = 'dead' then (select concat_ws('; ', d.reason, case when d.is_over then"
    "    'retried or discarded since' end) from public.dead_hops($1::text) d"
    "    where d.queue_name = h.queue_name and d.msg_id is not distinct from h.msg_id"
    "     and d.finished_at = h.finished_at limit 1) end"
    "  from hops h where finished_at is not null"
    "  union all"
    "  select null, queue_name, msg_id, state, case when state <> 'gone' and"
    "   (select o.paused from queue.options_of(queue_name) o) then 'the queue is paused' end"
    "  from hops where finished_at is null) hop"};

constexpr Query kInbox{"trace.inbox",
                       "select received_at as at, queue, null::bigint as msg_id, 'took effect' as event,"
                       " null::text as detail from public.inbox where request_id = $1::text"};

constexpr Query kOutbox{
    "trace.outbox",
    "with put as ("
    "  select msg_id, enqueued_at, null::timestamptz as archived_at, headers, message from pgmq.q_outbox"
    "  union all select msg_id, enqueued_at, archived_at, headers, message from pgmq.a_outbox"
    " ), own as ("
    "  select p.*, 'for ' || (headers ->> 'x-outbox-queue') as way from put p"
    "  where $1::text in (message ->> 'request_id', message ->> 'id', message ->> 'query_id')"
    " )"
    " select enqueued_at as at, 'outbox' as queue, msg_id, 'put into the outbox' as event, way as detail "
    "from own"
    " union all select archived_at, 'outbox', msg_id, 'relayed', way from own where archived_at is not null"
    " union all select null, 'outbox', msg_id, 'waiting', way from own where archived_at is null"};

constexpr Query kPatterns{
    "trace.patterns",
    "with put as ("
    "  select msg_id, enqueued_at, null::timestamptz as archived_at, message from"
    "   pgmq.\"q_centralcloud-new-patterns\""
    "  union all select msg_id, enqueued_at, archived_at, message from pgmq.\"a_centralcloud-new-patterns\""
    " ), own as (select * from put where message ->> 'request_id' = $1::text)"
    " select enqueued_at as at, 'centralcloud-new-patterns' as queue, msg_id, 'put into the outbox' as event,"
    "  null::text as detail from own"
    " union all select archived_at, 'centralcloud-new-patterns', msg_id, 'relayed', null"
    " from own where archived_at is not null"
    " union all select null, 'centralcloud-new-patterns', msg_id, 'waiting', null"
    " from own where archived_at is null"};

constexpr Query kDead{
    "trace.dead",
    "select d.died_at as at, d.queue_name as queue, d.origin_id as msg_id, 'died' as event, d.reason as "
    "detail"
    " from queue.dead_letters d"
    " where $1::text in (d.message ->> 'request_id', d.message ->> 'id', d.message ->> 'query_id')"
    " union all"
    " select a.enqueued_at, a.headers #>> '{x-queue-dead,queue}', null, 'died',"
    "  concat_ws('; ', a.headers #>> '{x-queue-dead,reason}', 'retried or discarded since')"
    " from pgmq.a_dead_letters a"
    " where $1::text in (a.message ->> 'request_id', a.message ->> 'id', a.message ->> 'query_id')"};

constexpr Query kAnswers{
    "trace.answers",
    "with own as (select * from public.answers where request_id = $1::text)"
    " select arrived_at as at, queue, null::bigint as msg_id, 'answer arrived' as event,"
    "  format('kept until %s', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')) as "
    "detail"
    " from own"
    " union all select taken_at, queue, null, 'answer taken', null from own where taken_at is not null"};

}  // namespace

std::span<const TracedDatabase> traced_databases() {
    static const std::vector<TracedDatabase> kDatabases{
        {"singularity", {kOutbox, kPatterns, kInbox, kAnswers, kDead}},
        {"shared_queue", {kBus}},
        {"centralcloud", {kInbox}},
        {"genesis", {kInbox, kOutbox, kDead}},
        {"nexus", {kInbox, kOutbox, kDead}},
    };
    return kDatabases;
}

}  // namespace singularity::cli
