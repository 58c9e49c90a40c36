-- Looking -----------------------------------------------------------------------------------------

create function pgmq.list_queues() returns setof pgmq.queue_record
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select m.queue_name, m.is_partitioned, m.is_unlogged, m.created_at
    from pgmq.meta m
    order by m.queue_name;
end;
comment on function pgmq.list_queues() is 'All queues of this database.';

-- Other programs may have put any time into enqueued_at.
create function pgmq._seconds_since(moment timestamptz, now timestamptz) returns integer
    language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select least(greatest(extract(epoch from $2 - $1), -2147483648), 2147483647)::integer;
end;
comment on function pgmq._seconds_since(timestamptz, timestamptz) is
    'How long ago a moment was, as far as an integer can say.';

create function pgmq.metrics(queue_name text) returns setof pgmq.metrics_result
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
    overflow constant regclass := (
        select nullif(p.partdefid, 0)
        from pg_partitioned_table p
        where p.partrelid = format('pgmq.%I', waiting)::regclass);
begin
    return query execute format(
        'select $1, depth.messages,
             pgmq._seconds_since((select q.enqueued_at from pgmq.%2$I q order by q.msg_id desc limit 1), $2),
             pgmq._seconds_since((select q.enqueued_at from pgmq.%2$I q order by q.msg_id limit 1), $2),
             (select case when s.is_called then s.last_value else 0 end from %1$s s),
             $2, depth.ready, %3$s
         from queue.depth($1) depth',
        pg_get_serial_sequence(format('pgmq.%I', waiting), 'msg_id'), waiting,
        coalesce('(select count(*) from ' || overflow || ')', '0::bigint'))
        using $1, clock_timestamp();
end
$$;
comment on function pgmq.metrics(text) is 'Length, ages and totals of one queue.';

create function pgmq.metrics_all() returns setof pgmq.metrics_result
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select metrics.*
    from pgmq.list_queues() queue
    cross join lateral pgmq.metrics(queue.queue_name::text) metrics
    where case when pgmq._may_look_at(queue.queue_name, queue.is_unlogged)
        then has_sequence_privilege(
            pg_get_serial_sequence(format('pgmq.%I', pgmq.format_table_name(queue.queue_name, 'q')), 'msg_id'), 'select')
        end;
end;
comment on function pgmq.metrics_all() is
    'Length, ages and totals of every queue that the caller may read; on a standby not of unlogged ones.';

