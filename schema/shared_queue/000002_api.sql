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
