-- From published windows to insights: facts first, then what they say.

create function insights.pending(everything boolean) returns setof timestamptz
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    -- Windows are published in order, so that what was skipped is not far behind.
    select distinct m.period_start
    from central.execution_metrics m
    where (everything or m.period_start >= coalesce(
            (select max(a.period_start) - interval '1 day' from public.analysed_windows a), '-infinity'))
        and not exists (select from public.analysed_windows a where a.period_start = m.period_start);
end;
comment on function insights.pending(boolean) is
    'Published windows that no insights have been drawn from: of the last day before the newest, or all.';

create function insights.gather_facts(from_time timestamptz, to_time timestamptz) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
    set parallel_setup_cost = 1000
    set parallel_tuple_cost = 0
    set enable_sort = off  -- there are few windows, which the planner cannot know
as $$
begin
    if to_time - from_time > interval '1 hour' then
        perform set_config('parallel_setup_cost', '0', true);
    end if;
    -- Made as a table of its own: an insert would not be worked out by several workers.
    create temporary table fresh_facts on commit drop as
    select date_bin('5 minutes', j.recorded_at, timestamptz '2000-01-01 00:00Z') as period_start, j.instance_id,
        j.language, count(*) as ended, count(*) filter (where j.status = 'failed') as failed,
        count(j.log_time) as timed, avg(j.log_time) as log_mean, var_samp(j.log_time) as log_variance
    from (
        select s.recorded_at, s.instance_id, s.language, s.status,
            ln(case when s.status = 'completed' then s.execution_time_ms + 1.0::double precision end) as log_time
        from central.job_statistics s
        where s.recorded_at >= from_time and s.recorded_at < to_time and not s.late
            and s.status in ('completed', 'failed')
    ) j
    group by 1, 2, 3;
end
$$;
comment on function insights.gather_facts(timestamptz, timestamptz) is
    'Sums up the jobs of the windows between two borders in a temporary table, fresh_facts.';

create function insights.store_verdicts(periods timestamptz[], newest timestamptz) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    delete from public.verdict_facts
    where period_start < newest - (select horizon from public.insight_settings);
    insert into public.verdict_facts (period_start, instance_id, language, verdict, jobs, cpu_ms, cpu_limited, cpu_peak_ms,
        cpu_limit_ms, wall_limited, wall_peak_ms, wall_limit_ms, memory_limited, memory_peak_mb, memory_limit_mb)
    select p.start, s.instance_id, s.language, coalesce(s.verdict, s.status), count(*), sum(s.cpu_time_ms),
        count(s.limit_cpu_ms), max(s.cpu_time_ms) filter (where s.limit_cpu_ms is not null), min(s.limit_cpu_ms),
        count(s.limit_wall_ms), max(s.execution_time_ms) filter (where s.limit_wall_ms is not null),
        min(s.limit_wall_ms), count(s.limit_memory_mb),
        max(s.memory_used_mb) filter (where s.limit_memory_mb is not null), min(s.limit_memory_mb)
    from unnest(periods) p (start)
    join central.job_statistics s on date_bin('5 minutes', s.recorded_at, timestamptz '2000-01-01 00:00Z') = p.start
    where s.recorded_at >= greatest((select min(first) from unnest(periods) first),
                                    newest - (select horizon from public.insight_settings))
        and s.recorded_at < (select max(last) + interval '5 minutes' from unnest(periods) last)
        and not s.late and s.status in ('completed', 'failed')
    group by 1, 2, 3, 4
    on conflict on constraint verdict_facts_pkey do nothing;
end;
comment on function insights.store_verdicts(timestamptz[], timestamptz) is
    'Stores what the jobs of these windows cost and how near they came to their limits, as far back as the horizon.';

create function insights.store_windows(ready timestamptz[], overdue timestamptz[]) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    newest timestamptz;
begin
    insert into public.window_facts (period_start, instance_id, language, ended, failed, timed, log_mean, log_variance)
    select f.period_start, f.instance_id, f.language, f.ended, f.failed, f.timed, f.log_mean,
        f.log_variance + exp(-2 * f.log_mean) / 12
    from pg_temp.fresh_facts f
    join unnest(ready) r (period_start) on r.period_start = f.period_start
    on conflict on constraint window_facts_pkey do nothing;
    if cardinality(ready) > 12 then
        analyze public.window_facts;
    end if;
    perform insights.store_regressions(ready);
    insert into public.analysed_windows (period_start, jobs, complete)
    select w.period_start, coalesce(f.jobs, 0), w.complete
    from (select r, true from unnest(ready) r union all select o, false from unnest(overdue) o)
        as w (period_start, complete)
    left join (select period_start, sum(ended) as jobs from pg_temp.fresh_facts group by 1) f
        on f.period_start = w.period_start;
    if cardinality(ready) > 0 then
        newest := (select max(a.period_start) + interval '5 minutes' from public.analysed_windows a where a.complete);
        perform insights.store_verdicts(ready, newest);
        perform insights.store_limits(newest);
        perform insights.store_costs(newest);
        perform insights.store_flaky_jobs(ready, newest);
    end if;
end
$$;
comment on function insights.store_windows(timestamptz[], timestamptz[]) is
    'Draws insights from the windows whose rows are all in fresh_facts, and gives those up that wait for too long.';

create function public.refresh_insights(as_of timestamptz default clock_timestamp(), everything boolean default false)
    returns bigint
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    pending timestamptz[];
    ready timestamptz[];
    overdue timestamptz[];
begin
    perform pg_advisory_xact_lock(hashtextextended('public.refresh_insights', 0));
    pending := array(select p from insights.pending(everything) p order by p);
    if cardinality(pending) = 0 then
        return 0;
    end if;
    perform insights.gather_facts(pending[1], pending[cardinality(pending)] + interval '5 minutes');
    -- Rows and windows come through two subscriptions: a window may be here before its rows.
    select coalesce(array_agg(w.period_start order by w.period_start) filter (where f.jobs >= w.jobs), '{}'),
        coalesce(array_agg(w.period_start order by w.period_start) filter (where coalesce(f.jobs, 0) < w.jobs
            and w.period_start < as_of - interval '65 minutes'), '{}')
    into ready, overdue
    from (
        select m.period_start, sum(m.jobs_completed + m.jobs_failed) as jobs
        from unnest(pending) p (period_start)
        join central.execution_metrics m on m.period_start = p.period_start
        group by m.period_start
    ) w
    left join (select period_start, sum(ended) as jobs from pg_temp.fresh_facts group by 1) f
        on f.period_start = w.period_start;
    perform insights.store_windows(ready, overdue);
    drop table pg_temp.fresh_facts;
    return cardinality(ready) + cardinality(overdue);
end
$$;
comment on function public.refresh_insights(timestamptz, boolean) is
    'Draws insights from published windows that none were drawn from; returns from how many. Looks at those of the last '
    'day before the newest, or, if asked, at all that are kept.';

create function public.prune_statistics() returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    kept constant interval := (select s.keep from public.insight_settings s);
begin
    delete from public.window_facts where period_start < clock_timestamp() - kept;
    delete from public.analysed_windows where period_start < clock_timestamp() - kept;
    delete from public.insights where last_seen_at < clock_timestamp() - kept;
    return central.prune_statistics(kept);
end
$$;
comment on function public.prune_statistics() is
    'Deletes statistics and insights that are older than the settings say; returns how many rows of the replicas.';

revoke execute on function insights.pending(boolean), insights.gather_facts(timestamptz, timestamptz),
    insights.store_verdicts(timestamptz[], timestamptz), insights.store_windows(timestamptz[], timestamptz[]),
    public.refresh_insights(timestamptz, boolean), public.prune_statistics() from public;
