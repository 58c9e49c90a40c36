-- Groups: first in, first out ---------------------------------------------------------------------

-- A message's group is its header x-pgmq-group, or _default_fifo_group. Of a group, a message may be
-- read when every older one of the group that still waits is read with it: the first that is invisible
-- or held by somebody closes the group behind it. Readers take turns by locking the oldest message.

create function pgmq._fifo_group(headers jsonb) returns text
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce($1 ->> 'x-pgmq-group', '_default_fifo_group');
end;
comment on function pgmq._fifo_group(jsonb) is 'The group that a message''s headers put it into.';

-- What the engine does by its index, for queues that are served by SQL.
-- heads are locked before anything behind them, so that two readers never share a group; run counts the
-- unbroken sequence behind each head, by comparing what is there with what could be locked.
create function pgmq._read_groups(queue_name text, vt integer, qty integer, a_group integer, place text)
    returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
begin
    return query execute format(
        'with head as materialized (
             select q.msg_id, pgmq._fifo_group(q.headers) as fifo_group
             from pgmq.%1$I q
             where q.msg_id in (select min(h.msg_id) from pgmq.%1$I h group by pgmq._fifo_group(h.headers))
                 and q.vt <= $1
             order by q.msg_id
             limit $3
             for update skip locked
         ), member as materialized (
             select q.msg_id, head.msg_id as head, q.vt <= $1 as visible,
                 row_number() over (partition by head.msg_id order by q.msg_id) as nth
             from head join pgmq.%1$I q on pgmq._fifo_group(q.headers) = head.fifo_group
             where q.msg_id >= head.msg_id
         ), locked as materialized (
             select q.msg_id
             from pgmq.%1$I q
             where q.msg_id in (
                     select msg_id from member where visible and nth <= coalesce(least($4, $3), nth))
                 and q.vt <= $1
             order by q.msg_id
             for update skip locked
         ), run as (
             select member.*, bool_and(locked.msg_id is not null)
                 over (partition by member.head order by member.nth) as unbroken
             from member left join locked using (msg_id)
         ), chosen as (
             select run.msg_id, row_number() over (order by %2$s) as place
             from run
             where run.unbroken
             order by place
             limit $3
         ), claimed as (
             update pgmq.%1$I q
             set read_ct = q.read_ct + 1, last_read_at = $1, vt = clock_timestamp() + $2
             from chosen
             where q.msg_id = chosen.msg_id
             returning chosen.place, q.*
         )
         select msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers
         from claimed
         order by claimed.place', waiting, $5)
        using clock_timestamp(), make_interval(secs => $2), $3, $4;
end
$$;
comment on function pgmq._read_groups(text, integer, integer, integer, text) is
    'Claims up to qty messages, up to a_group of each group, in the order that place tells in SQL.';

create function pgmq.read_grouped(queue_name text, vt integer, qty integer)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_read_grouped';
comment on function pgmq.read_grouped(text, integer, integer) is
    'Claims messages by groups: all it can of the group that waits longest, then of the next.';

create function pgmq.read_grouped_rr(queue_name text, vt integer, qty integer)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_read_grouped_rr';
comment on function pgmq.read_grouped_rr(text, integer, integer) is
    'Claims messages group by group in turns: the first of each, then the second of each.';

create function pgmq.read_grouped_head(queue_name text, vt integer, qty integer)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_read_grouped_head';
comment on function pgmq.read_grouped_head(text, integer, integer) is
    'Claims the oldest message of each of up to qty groups.';

create function pgmq.read_grouped_with_poll(
    queue_name text, vt integer, qty integer,
    max_poll_seconds integer default 5, poll_interval_ms integer default 100)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_poll_grouped';
comment on function pgmq.read_grouped_with_poll(text, integer, integer, integer, integer) is
    'As read_grouped, but waits up to max_poll_seconds for a message.';

create function pgmq.read_grouped_rr_with_poll(
    queue_name text, vt integer, qty integer,
    max_poll_seconds integer default 5, poll_interval_ms integer default 100)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_poll_grouped_rr';
comment on function pgmq.read_grouped_rr_with_poll(text, integer, integer, integer, integer) is
    'As read_grouped_rr, but waits up to max_poll_seconds for a message.';

create function pgmq.read_grouped_head_with_poll(
    queue_name text, vt integer, qty integer,
    max_poll_seconds integer default 5, poll_interval_ms integer default 100)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_poll_grouped_head';
comment on function pgmq.read_grouped_head_with_poll(text, integer, integer, integer, integer) is
    'As read_grouped_head, but waits up to max_poll_seconds for a message.';

create function pgmq.create_fifo_index(queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
begin
    execute format('create index if not exists %I on pgmq.%I using gin (headers)',
                   waiting || '_fifo_idx', waiting);
end
$$;
comment on function pgmq.create_fifo_index(text) is 'Makes an index on the headers of a queue''s messages.';

create function pgmq.create_fifo_indexes_all() returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.create_fifo_index(queue.queue_name::text) from pgmq.list_queues() queue;
end;
comment on function pgmq.create_fifo_indexes_all() is 'Makes the index of create_fifo_index on every queue.';

