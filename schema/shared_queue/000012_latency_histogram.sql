-- Latencies as monitoring wants them: of each queue that has archived something, every bucket, the empty ones too.

create view api.latency_histogram as
    with queues as (
        select l.queue_name, sum(l.seconds_sum) as seconds_sum
        from public.queue_latencies l
        group by l.queue_name
    )
    select q.queue_name, b.bucket,
        sum(coalesce(l.messages, 0)) over (partition by q.queue_name order by b.bucket)::bigint as messages_within,
        q.seconds_sum
    from queues q
    cross join public.latency_bounds b
    left join public.queue_latencies l on l.queue_name = q.queue_name and l.bucket = b.bucket;
comment on view api.latency_histogram is
    'How many messages took no longer than each bound from enqueue to archive, since the beginning, and how long all took.';
grant select on api.latency_histogram to console;
