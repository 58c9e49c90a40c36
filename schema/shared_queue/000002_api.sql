-- What people may see of the bus.

create schema api;
comment on schema api is 'Views and functions for people: what the console, /metrics and role console read.';
grant usage on schema api to console;

create function api.queue_metrics() returns setof pgmq.metrics_result
    language sql volatile security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.metrics_all();
end;
comment on function api.queue_metrics() is
    'Length, ages and totals of every queue, with the rights of their owner.';
revoke execute on function api.queue_metrics() from public;
grant execute on function api.queue_metrics() to console;

create view api.queues as
    select m.queue_name, p.description, p.senders, p.readers, m.queue_length, m.queue_visible_length,
        m.oldest_msg_age_sec, m.newest_msg_age_sec, m.total_messages, p.keep
    from api.queue_metrics() m
    left join public.queue_policies p on p.queue_name = m.queue_name;
comment on view api.queues is 'Every queue with its users, its length and the ages of its messages.';
grant select on api.queues to console;

-- Dead letters. Their queue is made when CentralCloud starts, so nothing here is bound to its table.

create function api.dead_letters()
    returns table (msg_id bigint, queue_name text, request_id text, reason text, attempts integer, enqueued_at timestamptz,
        died_at timestamptz, traceparent text)
    language plpgsql stable security definer parallel safe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('pgmq.q_dead_letters') is null then
        return;
    end if;
    return query
        select d.msg_id, d.queue_name, d.request_id, d.reason, d.attempts, d.enqueued_at, d.died_at, d.traceparent
        from queue.dead_letters d
        order by d.msg_id;
end
$$;
comment on function api.dead_letters() is
    'Messages that no consumer could handle, without what they say, with the rights of their owner.';
revoke execute on function api.dead_letters() from public;
grant execute on function api.dead_letters() to console;

create view api.dead_letters_by_queue as
    select d.queue_name, count(*) as letters, max(d.died_at) as last_died_at
    from api.dead_letters() d
    group by d.queue_name;
comment on view api.dead_letters_by_queue is 'How many dead letters each queue has.';
grant select on api.dead_letters_by_queue to console;
