-- Queue performance_stats_published: each message becomes a row of central.job_statistics, once.
--
-- Windows are five minutes of recorded_at. One is closed, and published, when it has been over for `lateness` and all
-- messages that were sent by then have been taken in; what comes later is stored and marked as late.

create schema statistics;
comment on schema statistics is 'What accept_performance_stats() and publish_execution_metrics() consist of.';

create table public.statistics_state (
    only_row boolean not null default true,
    closed_until timestamptz,
    consumed_until timestamptz,
    lateness interval not null default '60 seconds',
    constraint statistics_state_pkey primary key (only_row),
    constraint statistics_state_only_row check (only_row),
    constraint statistics_state_lateness_positive check (lateness >= '0 seconds')
);
comment on table public.statistics_state is 'How far statistics have come: one row.';
comment on column public.statistics_state.closed_until is 'Every window that ended by then is published, or was empty.';
comment on column public.statistics_state.consumed_until is
    'What was sent by then is stored, as the consumer says; null until it has said so.';
comment on column public.statistics_state.lateness is 'How long a window that is over waits for its last rows.';
insert into public.statistics_state default values;

create function statistics.is_count(value jsonb) returns boolean
    language sql immutable parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select case coalesce(jsonb_typeof(value), 'null')
        when 'null' then true
        when 'number' then value::numeric between 0 and 2147483647 and value::numeric = trunc(value::numeric)
        else false end;
end;
comment on function statistics.is_count(jsonb) is 'Whether a field is missing, null, or a number that a column can hold.';

create function statistics.is_time(value text) returns boolean
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select value is null or (value ~ '^[0-9]{4}-' and pg_input_is_valid(value, 'timestamptz'));
end;
comment on function statistics.is_time(text) is 'Whether a field is missing, or a time and no word for one.';

create function statistics.problem(message jsonb) returns text
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when coalesce(jsonb_typeof(message), 'null') <> 'object' then 'the message is no JSON object'
        when missing.field is not null then missing.field || ' is missing'
        when message ->> 'status' not in ('running', 'completed', 'failed') then
            format('status must be running, completed or failed, not %s', message -> 'status')
        when uncountable.field is not null then
            format('%s must be a whole number from 0 to 2147483647, not %s', uncountable.field,
                   message -> uncountable.field)
        when unhashed.field is not null then
            format('%s must be 64 hexadecimal digits, not %s', unhashed.field, message -> unhashed.field)
        when not statistics.is_time(message ->> 'recorded_at') then
            format('recorded_at must be a time, not %s', message -> 'recorded_at')
        end
    from (select min(field) from unnest('{request_id,instance_id,language,status}'::text[]) field
          where coalesce(message ->> field, '') = '') as missing (field)
    cross join (select min(field) from unnest('{execution_time_ms,cpu_time_ms,memory_used_mb,lines_analyzed,'
                'limit_cpu_ms,limit_wall_ms,limit_memory_mb}'::text[]) field
                where not statistics.is_count(message -> field)) as uncountable (field)
    cross join (select min(field) from unnest('{code_sha256,input_sha256}'::text[]) field
                where message ->> field !~ '^[0-9a-f]{64}$') as unhashed (field);
end;
comment on function statistics.problem(jsonb) is 'Why a message cannot be stored; null where it can.';

create function statistics.job_uuid(job_id text) returns uuid
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when pg_input_is_valid(job_id, 'uuid') then job_id::uuid
        when pg_input_is_valid(job_id, 'public.ulid') then job_id::public.ulid::uuid end;
end;
comment on function statistics.job_uuid(text) is 'A job''s name as the column has it.';

create function statistics.ended_at(message jsonb) returns timestamptz
    language sql volatile strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select least(clock_timestamp(), coalesce((message ->> 'recorded_at')::timestamptz,
        case when statistics.is_time(message ->> 'enqueued_at') then (message ->> 'enqueued_at')::timestamptz end));
end;
comment on function statistics.ended_at(jsonb) is
    'When the job of a message ended: as it says, or when it was sent; a clock that is ahead counts as ours.';

create function public.accept_performance_stats(messages jsonb[])
    returns table (place integer, outcome text, reason text)
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    closed timestamptz;
begin
    -- Until the end of the transaction no window is closed: what is stored is either in it, or knows that it is late.
    perform pg_advisory_xact_lock_shared(hashtextextended('public.statistics_state', 0));
    closed := (select s.closed_until from public.statistics_state s);
    return query
    with message as (
        select m.place::integer as place, m.body, m.body ->> 'request_id' as request_id,
            statistics.problem(m.body) as problem
        from unnest(messages) with ordinality as m (body, place)
    ), first as (
        select distinct on (m.request_id) m.request_id, m.place, m.body
        from message m
        where m.problem is null
        order by m.request_id, m.place
    ), taken as (
        insert into public.inbox (queue, request_id)
        select 'performance_stats_published', f.request_id from first f order by f.request_id
        on conflict do nothing
        returning request_id
    ), stored as (
        insert into central.job_statistics (job_id, language, status, execution_time_ms, memory_used_mb, lines_analyzed,
            instance_id, recorded_at, late, cpu_time_ms, limit_cpu_ms, limit_wall_ms, limit_memory_mb, verdict, kind,
            phase, language_version, code_sha256, input_sha256)
        select statistics.job_uuid(f.body ->> 'job_id'), f.body ->> 'language', f.body ->> 'status',
            (f.body ->> 'execution_time_ms')::numeric::integer, (f.body ->> 'memory_used_mb')::numeric::integer,
            (f.body ->> 'lines_analyzed')::numeric::integer, f.body ->> 'instance_id', ended.at,
            coalesce(ended.at < closed, false), (f.body ->> 'cpu_time_ms')::numeric::integer,
            (f.body ->> 'limit_cpu_ms')::numeric::integer, (f.body ->> 'limit_wall_ms')::numeric::integer,
            (f.body ->> 'limit_memory_mb')::numeric::integer, f.body ->> 'verdict', f.body ->> 'kind',
            f.body ->> 'phase', f.body ->> 'language_version', decode(f.body ->> 'code_sha256', 'hex'),
            decode(f.body ->> 'input_sha256', 'hex')
        from first f
        join taken t on t.request_id = f.request_id
        cross join lateral (select statistics.ended_at(f.body) as at) ended
    )
    select m.place, case when m.problem is not null then 'refused'
        when t.request_id is not null then 'stored' else 'known' end, m.problem
    from message m
    left join first f on f.place = m.place
    left join taken t on t.request_id = f.request_id
    order by m.place;
end
$$;
comment on function public.accept_performance_stats(jsonb[]) is
    'Stores statistics of jobs, each request_id once, in one transaction. For each message: stored, known, or refused '
    'and why; what is refused hinders no other.';

revoke execute on function statistics.is_count(jsonb), statistics.is_time(text), statistics.problem(jsonb),
    statistics.job_uuid(text), statistics.ended_at(jsonb), public.accept_performance_stats(jsonb[]) from public;
