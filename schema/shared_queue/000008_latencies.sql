-- How long messages took from enqueue to archive: histograms, folded from the archives every half minute.
--
-- Each archived message is counted once. Transactions commit in another order than they archive in, so a fold looks
-- back to before the oldest transaction that was under way at the fold before it, and leaves out what it remembers
-- to have counted. That memory is short: ids ascend, so it is a few ranges. What other programs insert into an archive
-- with a time of their own choice is not counted, nor what the clock of the server puts into the past by a step of
-- more than ten seconds.

create table public.latency_bounds (
    bucket double precision constraint latency_bounds_pkey primary key
);
comment on table public.latency_bounds is 'Upper bounds of the histograms'' buckets, in seconds.';
insert into public.latency_bounds (bucket)
select unnest('{0.001,0.002,0.005,0.01,0.02,0.05,0.1,0.2,0.5,1,2,5,10,20,60,120,300,600,1800,3600,86400,Infinity}'
              ::double precision[]);

create table public.queue_latencies (
    queue_name text not null,
    bucket double precision not null,
    messages bigint not null,
    seconds_sum double precision not null,
    constraint queue_latencies_pkey primary key (queue_name, bucket)
);
comment on table public.queue_latencies is 'Messages archived since the beginning, by how long they took.';
comment on column public.queue_latencies.bucket is
    'Its upper bound in seconds: these took no longer, and longer than the next smaller one.';

create table public.latency_minutes (
    queue_name text not null,
    minute timestamptz not null,
    bucket double precision not null,
    messages bigint not null,
    constraint latency_minutes_pkey primary key (minute, queue_name, bucket)
);
comment on table public.latency_minutes is 'The same by the minute in which they were archived, of the last day.';

create table public.latency_folds (
    taken_at timestamptz not null,
    oldest xid8 not null,
    next xid8 not null,
    constraint latency_folds_pkey primary key (next, taken_at)
);
comment on table public.latency_folds is 'When archives were folded, and which transactions were under way then.';
comment on column public.latency_folds.oldest is 'All transactions before this one were over.';
comment on column public.latency_folds.next is 'This one and all after it had not begun.';

create table public.latency_counted (
    queue_name text constraint latency_counted_pkey primary key,
    created_at timestamptz not null,
    msg_ids int8multirange not null
);
comment on table public.latency_counted is 'Recently archived messages that are counted already.';
comment on column public.latency_counted.created_at is 'The queue''s, whose ids begin anew when it is made anew.';

-- Transactions that were under way at a fold had not begun at an earlier one whose `next` is not above their ids.
create function public.latency_floor() returns timestamptz
    language sql stable parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(max(f.taken_at) - interval '10 seconds', '-infinity')
    from public.latency_folds f
    where f.next <= (select max(l.oldest) from public.latency_folds l);
end;
comment on function public.latency_floor() is
    'What is archived before this time was committed before the last fold, and is counted.';

create function public.fold_queue(queue_name text, since timestamptz, remember timestamptz) returns bigint
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    folded bigint;
begin
    execute format(
        'with seen as materialized (
            select a.msg_id, a.archived_at,
                greatest(0, extract(epoch from a.archived_at - a.enqueued_at)::double precision) as seconds
            from pgmq.%I a
            where a.archived_at >= $2
        ), fresh as materialized (
            select s.archived_at, s.seconds,
                (select min(b.bucket) from public.latency_bounds b where b.bucket >= s.seconds) as bucket
            from seen s
            where not coalesce((select c.msg_ids from public.latency_counted c where c.queue_name = $1), ''{}'') @> s.msg_id
        ), remembered as (
            insert into public.latency_counted as c (queue_name, created_at, msg_ids)
            select $1, (select m.created_at from pgmq.meta m where m.queue_name = $1), coalesce(range_agg(int8range(s.msg_id, s.msg_id, ''[]'')), ''{}'')
            from seen s
            where s.archived_at >= $3
            on conflict on constraint latency_counted_pkey do update set msg_ids = excluded.msg_ids
            where c.msg_ids <> excluded.msg_ids
        ), by_minute as (
            insert into public.latency_minutes as m (queue_name, minute, bucket, messages)
            select $1, date_trunc(''minute'', f.archived_at), f.bucket, count(*)
            from fresh f
            where f.archived_at > clock_timestamp() - interval ''1 day''
            group by 2, 3
            on conflict on constraint latency_minutes_pkey do update set messages = m.messages + excluded.messages
        ), counted as (
            insert into public.queue_latencies as l (queue_name, bucket, messages, seconds_sum)
            select $1, f.bucket, count(*), sum(f.seconds)
            from fresh f
            group by f.bucket
            on conflict on constraint queue_latencies_pkey do update
            set messages = l.messages + excluded.messages, seconds_sum = l.seconds_sum + excluded.seconds_sum
        )
        select count(*) from fresh', pgmq.format_table_name($1, 'a'))
        into folded using $1, $2, $3;
    return folded;
end
$$;
comment on function public.fold_queue(text, timestamptz, timestamptz) is
    'Counts what one queue archived since then and is not counted yet; remembers what the next fold will see again.';

create function public.fold_latencies() returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    since timestamptz;
    remember timestamptz;
    queue_name text;
    folded bigint := 0;
begin
    perform pg_advisory_xact_lock(hashtextextended('public.fold_latencies', 0));
    since := public.latency_floor();
    insert into public.latency_folds (taken_at, oldest, next)
    select now(), pg_snapshot_xmin(s), pg_snapshot_xmax(s) from pg_current_snapshot() s;  -- now() is before it
    remember := public.latency_floor();
    delete from public.latency_counted c where not exists (
        select from pgmq.meta m where m.queue_name = c.queue_name and m.created_at = c.created_at);
    for queue_name in select m.queue_name from pgmq.meta m order by m.queue_name loop
        folded := folded + public.fold_queue(queue_name, since, remember);
    end loop;
    delete from public.latency_folds f where f.taken_at < remember - interval '1 minute';
    delete from public.latency_minutes m where m.minute < clock_timestamp() - interval '1 day';
    return folded;
end
$$;
comment on function public.fold_latencies() is
    'Counts the messages archived since the last fold by how long they took; returns how many.';

revoke execute on function public.latency_floor(), public.fold_queue(text, timestamptz, timestamptz),
    public.fold_latencies() from public;
