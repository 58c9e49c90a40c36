-- Windows of five minutes from the rows of central.job_statistics, published once each.

create function statistics.border(moment timestamptz) returns timestamptz
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
    return date_bin('5 minutes', moment, timestamptz '2000-01-01 00:00Z');
comment on function statistics.border(timestamptz) is 'The start of the window that a moment is in.';

create function public.note_consumed(until timestamptz) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.statistics_state
    set consumed_until = least(until, clock_timestamp())
    where consumed_until is null or consumed_until < least(until, clock_timestamp());
end;
comment on function public.note_consumed(timestamptz) is
    'Says that all statistics that were sent by then have been taken in.';

create function public.publish_execution_metrics(as_of timestamptz default null) returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
as $$
declare
    state public.statistics_state;
    border timestamptz;
    published bigint;
begin
    select * into state from public.statistics_state;
    border := statistics.border(coalesce(as_of, state.consumed_until) - state.lateness);
    if border is null or border <= state.closed_until then
        return 0;
    end if;
    -- Whoever is storing rows ends first, and whoever comes then sees that these windows are closed.
    perform pg_advisory_xact_lock(hashtextextended('public.statistics_state', 0));
    select s.closed_until into state.closed_until from public.statistics_state s;
    if border <= state.closed_until then
        return 0;
    end if;
    state.closed_until := coalesce(state.closed_until, statistics.border(
        (select min(s.recorded_at) from central.job_statistics s where not s.late)), border);
    if state.closed_until < border then
        -- Made as a table of its own: an insert would not be worked out by several workers.
        create temporary table closed_windows on commit drop as
        select date_bin('5 minutes', s.recorded_at, timestamptz '2000-01-01 00:00Z') as period_start, s.instance_id,
            public.sum_up_jobs(s.language, s.status, s.execution_time_ms, s.memory_used_mb) as jobs
        from central.job_statistics s
        where s.recorded_at >= state.closed_until and s.recorded_at < border and not s.late
            and s.status in ('completed', 'failed')
        group by 1, 2;
        insert into central.execution_metrics (period_start, period_end, instance_id, jobs_completed, jobs_failed,
            success_rate, avg_execution_time_ms, total_memory_used_mb, p50_execution_time_ms, p95_execution_time_ms,
            p99_execution_time_ms, languages)
        select w.period_start, w.period_start + interval '5 minutes', w.instance_id, j.jobs_completed, j.jobs_failed,
            j.jobs_completed / (j.jobs_completed + j.jobs_failed::double precision), j.avg_execution_time_ms,
            j.total_memory_used_mb, j.p50_execution_time_ms, j.p95_execution_time_ms, j.p99_execution_time_ms,
            j.languages
        from pg_temp.closed_windows w
        cross join lateral (select (w.jobs).*) j
        order by w.period_start, w.instance_id
        on conflict on constraint execution_metrics_period_key do nothing;
        get diagnostics published = row_count;
        drop table pg_temp.closed_windows;
    end if;
    update public.statistics_state set closed_until = border;
    return coalesce(published, 0);
end
$$;
comment on function public.publish_execution_metrics(timestamptz) is
    'Publishes the windows that are over and whose rows are in, each once; returns how many, one for each instance. '
    'With a time: those that are over by then, whatever may still come.';

create or replace function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), logged as (
        delete from central.sync_log where synced_at < clock_timestamp() - keep returning 1
    ), updates as (
        delete from public.instance_updates where received_at < clock_timestamp() - keep returning 1
    ), jobs as (
        delete from central.job_statistics where recorded_at < clock_timestamp() - keep returning 1
    ), windows as (
        delete from central.execution_metrics where period_start < clock_timestamp() - keep returning 1
    )
    select (select count(*) from received) + (select count(*) from logged)
        + (select count(*) from updates) + (select count(*) from jobs) + (select count(*) from windows);
end;
comment on function public.prune_history(interval) is
    'Deletes what is older in the inbox, the sync log, the updates and the statistics; returns how many rows. A pattern '
    'that came again later than that would be news, and its revision says whether it is. Replicas keep what is deleted '
    'here.';

create view api.job_statistics as
    select recorded_at, instance_id, language, language_version, status, verdict, phase, kind, execution_time_ms,
        cpu_time_ms, memory_used_mb, limit_wall_ms, limit_cpu_ms, limit_memory_mb, lines_analyzed, late, job_id,
        encode(code_sha256, 'hex') as code_sha256, encode(input_sha256, 'hex') as input_sha256
    from central.job_statistics;
comment on view api.job_statistics is 'Jobs that ended, of all instances.';

create view api.execution_metrics as
    select coalesce(m.period_start, l.period_start) as period_start,
        coalesce(m.period_end, l.period_start + interval '5 minutes') as period_end,
        coalesce(m.instance_id, l.instance_id) as instance_id, m.jobs_completed, m.jobs_failed, m.success_rate,
        m.avg_execution_time_ms, m.p50_execution_time_ms, m.p95_execution_time_ms, m.p99_execution_time_ms,
        m.total_memory_used_mb, coalesce(l.late_rows, 0) as late_rows
    from central.execution_metrics m
    full join (
        select date_bin('5 minutes', recorded_at, timestamptz '2000-01-01 00:00Z') as period_start, instance_id,
            count(*) as late_rows
        from central.job_statistics
        where late
        group by 1, 2
    ) l on l.period_start = m.period_start and l.instance_id = m.instance_id;
comment on view api.execution_metrics is 'Jobs summed up over windows of five minutes.';
comment on column api.execution_metrics.late_rows is 'Jobs that came too late to be counted in it.';

create view api.statistics_state as
    select closed_until, consumed_until, lateness from public.statistics_state;
comment on view api.statistics_state is 'How far statistics have come.';

grant select on api.job_statistics, api.execution_metrics, api.statistics_state to console;
revoke execute on function statistics.border(timestamptz),
    public.note_consumed(timestamptz), public.publish_execution_metrics(timestamptz) from public;
