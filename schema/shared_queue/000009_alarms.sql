-- When the bus is not well: rules in a table, which anybody with a right on it may change, and a view of those that
-- are broken now.

create table public.alarm_rules (
    name text constraint alarm_rules_pkey primary key,
    queue_name text,
    measure text not null,
    above numeric not null,
    enabled boolean not null default true,
    constraint alarm_rules_measure_check
        check (measure in ('depth', 'oldest_seconds', 'dead_letters', 'latency_p95_seconds')),
    constraint alarm_rules_above_check check (above >= 0 and above < 'infinity')
);
comment on table public.alarm_rules is
    'What must not be above what. A rule for one queue takes the place of those for every queue with its measure.';
comment on column public.alarm_rules.queue_name is 'Null is every queue.';
comment on column public.alarm_rules.measure is
    'depth: messages that wait or are claimed; oldest_seconds: the age of the oldest of them; dead_letters: those of '
    'the queue; latency_p95_seconds: from enqueue to archive, over five minutes.';

insert into public.alarm_rules (name, queue_name, measure, above) values
    ('many messages wait', null, 'depth', 10000),
    ('a message waits for long', null, 'oldest_seconds', 900),
    ('messages could not be handled', null, 'dead_letters', 0),
    ('messages take long', null, 'latency_p95_seconds', 300);

-- What died in a service's own database, on its way to the bus: its relay tells.
create table public.outbox_letters (
    role_name text not null,
    queue_name text not null,
    instance_id text not null,
    messages bigint not null,
    told_at timestamptz not null default clock_timestamp(),
    constraint outbox_letters_pkey primary key (role_name, queue_name, instance_id),
    constraint outbox_letters_messages_check check (messages >= 0)
);
comment on table public.outbox_letters is
    'How many dead letters each outbox has. The row of an instance that will never come back may be deleted.';
comment on column public.outbox_letters.role_name is 'Whose outbox it is, after whom its database is named.';
comment on column public.outbox_letters.told_at is 'Since when there have been so many.';

create function api.outbox_letters() returns table (queue_name text, messages bigint, told_at timestamptz)
    language sql stable security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s of %s', o.queue_name, o.role_name)
            || case o.instance_id when 'singularity' then '' else format(' (%s)', o.instance_id) end,
        o.messages, o.told_at
    from public.outbox_letters o;
end;
comment on function api.outbox_letters() is 'How many dead letters each outbox has, by the name that alarms give it.';

create function public.tell_outbox_letters(queue_name text, instance_id text, messages bigint) returns void
    language sql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.outbox_letters as known (role_name, queue_name, instance_id, messages)
    values (session_user, $1, $2, $3)
    on conflict on constraint outbox_letters_pkey do update
    set messages = excluded.messages, told_at = excluded.told_at
    where known.messages <> excluded.messages;
end;
comment on function public.tell_outbox_letters(text, text, bigint) is
    'Notes how many dead letters a queue of the caller''s own database has.';
revoke execute on function api.outbox_letters(), public.tell_outbox_letters(text, text, bigint) from public;
grant execute on function api.outbox_letters() to console;
grant execute on function public.tell_outbox_letters(text, text, bigint) to genesis, nexus, singularity;

-- Measures bear queues' own names, so a rule for an alias, or for a queue that is not there, would never be broken, and
-- take the place of the one for all queues nevertheless.
create function public.check_alarm_rule() returns trigger
    language plpgsql volatile security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    meant text;
begin
    if new.queue_name is null or exists (select from pgmq.meta m where m.queue_name = new.queue_name)
        or exists (select from api.outbox_letters() o where o.queue_name = new.queue_name) then
        return new;
    end if;
    meant := coalesce(
        (select m.queue_name from pgmq.meta m where lower(m.queue_name) = lower(new.queue_name)),
        (select a.queue_name from queue.aliases a where lower(a.alias) = lower(new.queue_name)));
    raise invalid_parameter_value using
        message = format('there is no queue "%s" that could be watched', new.queue_name),
        hint = case when meant is null then 'Name one of pgmq.list_queues(), or null for all.'
                    else format('The queue''s own name is "%s".', meant) end;
end
$$;
comment on function public.check_alarm_rule() is 'Refuses a rule for what is no queue by its own name.';
revoke execute on function public.check_alarm_rule() from public;
create trigger alarm_rules_queue before insert or update of queue_name on public.alarm_rules
    for each row execute function public.check_alarm_rule();

create view api.queue_latencies as
    select l.queue_name, l.bucket, l.messages,
        sum(l.messages) over (partition by l.queue_name order by l.bucket)::bigint as messages_within, l.seconds_sum
    from public.queue_latencies l;
comment on view api.queue_latencies is
    'How long messages took from enqueue to archive, since the beginning: in each bucket, and up to its bound.';

create view api.recent_latencies as
    with recent as (
        select m.queue_name, m.bucket, sum(m.messages) as messages
        from public.latency_minutes m
        where m.minute > clock_timestamp() - interval '5 minutes'
        group by m.queue_name, m.bucket
    ), ranked as (
        select r.queue_name, r.bucket, sum(r.messages) over (partition by r.queue_name order by r.bucket) as within,
            sum(r.messages) over (partition by r.queue_name) as total
        from recent r
    )
    select r.queue_name, max(r.total)::bigint as messages,
        min(r.bucket) filter (where r.within >= 0.5 * r.total) as p50_seconds,
        min(r.bucket) filter (where r.within >= 0.95 * r.total) as p95_seconds,
        min(r.bucket) filter (where r.within >= 0.99 * r.total) as p99_seconds
    from ranked r
    group by r.queue_name;
comment on view api.recent_latencies is
    'How long messages that were archived in the last five minutes took: upper bounds of their buckets.';

create function api.dead_letter_counts() returns table (queue_name text, messages bigint)
    language plpgsql stable security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('pgmq.q_dead_letters') is not null then
        return query
            select coalesce(d.headers #>> '{x-queue-dead,queue}', 'dead_letters'), count(*)
            from pgmq.q_dead_letters d
            group by 1;
    end if;
    return query select o.queue_name, o.messages from api.outbox_letters() o where o.messages > 0;
end
$$;
comment on function api.dead_letter_counts() is
    'How many dead letters wait, by the queue in which they died, outboxes among them.';
revoke execute on function api.dead_letter_counts() from public;
grant execute on function api.dead_letter_counts() to console;

create or replace view api.dead_letters_by_queue as
    select d.queue_name, count(*) as letters, max(d.died_at) as last_died_at
    from api.dead_letters() d
    group by d.queue_name
    union all
    select o.queue_name, o.messages, o.told_at from api.outbox_letters() o where o.messages > 0;

create view api.queue_measures as
    with metrics as materialized (
        select m.queue_name, m.queue_length, m.oldest_msg_age_sec
        from api.queue_metrics() m
        where m.queue_name <> 'dead_letters'
    )
    select m.queue_name, 'depth' as measure, m.queue_length::numeric as value from metrics m
    union all
    select m.queue_name, 'oldest_seconds', coalesce(m.oldest_msg_age_sec, 0) from metrics m
    union all
    select d.queue_name, 'dead_letters', d.messages from api.dead_letter_counts() d
    union all
    -- Dead letters wait for people, and for as long as they take.
    select l.queue_name, 'latency_p95_seconds', l.p95_seconds::numeric from api.recent_latencies l
    where l.queue_name <> 'dead_letters';
comment on view api.queue_measures is 'What alarms look at.';

create view api.alarms as
    select r.name, v.queue_name, r.measure, v.value, r.above
    from public.alarm_rules r
    join api.queue_measures v on v.measure = r.measure and v.value > r.above
    where r.enabled and (r.queue_name = v.queue_name or r.queue_name is null and not exists (
        select from public.alarm_rules own where own.queue_name = v.queue_name and own.measure = r.measure));
comment on view api.alarms is 'The rules that are broken now.';

create function api.paused_queues() returns setof text
    language sql volatile security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with there as materialized (
        select m.queue_name::text from pgmq.meta m
        where to_regclass(format('pgmq.%I', pgmq.format_table_name(m.queue_name, 'q'))) is not null
    )
    select t.queue_name from there t cross join lateral queue.options_of(t.queue_name) o
    where o.paused
    order by t.queue_name;
end;
comment on function api.paused_queues() is 'Queues whose readers get nothing until they are resumed.';
revoke execute on function api.paused_queues() from public;
grant execute on function api.paused_queues() to console;

create view api.alarm_rules as
    select name, queue_name, measure, above, enabled from public.alarm_rules;
comment on view api.alarm_rules is 'What alarms there are.';

grant select on api.queue_latencies, api.recent_latencies, api.queue_measures, api.alarms, api.alarm_rules to console;
