-- From published windows to insights.

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

create function insights.gather_verdicts(from_time timestamptz, to_time timestamptz) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
    set enable_sort = off  -- there are few windows, which the planner cannot know
as $$
begin
    -- Made as a table of its own: an insert would not be worked out by several workers.
    create temporary table fresh_verdicts on commit drop as
    select date_bin('5 minutes', s.recorded_at, timestamptz '2000-01-01 00:00Z') as period_start, s.instance_id,
        s.language, coalesce(s.verdict, s.status) as verdict, count(*) as jobs, sum(s.cpu_time_ms) as cpu_ms,
        count(s.limit_cpu_ms) as cpu_limited, max(s.cpu_time_ms) filter (where s.limit_cpu_ms is not null) as cpu_peak_ms,
        min(s.limit_cpu_ms) as cpu_limit_ms, count(s.limit_wall_ms) as wall_limited,
        max(s.execution_time_ms) filter (where s.limit_wall_ms is not null) as wall_peak_ms,
        min(s.limit_wall_ms) as wall_limit_ms, count(s.limit_memory_mb) as memory_limited,
        max(s.memory_used_mb) filter (where s.limit_memory_mb is not null) as memory_peak_mb,
        min(s.limit_memory_mb) as memory_limit_mb
    from central.job_statistics s
    where s.recorded_at >= from_time and s.recorded_at < to_time and not s.late
        and s.status in ('completed', 'failed')
    group by 1, 2, 3, 4;
end
$$;
comment on function insights.gather_verdicts(timestamptz, timestamptz) is
    'What the jobs of the windows between two borders cost and how near they came to their limits, in a temporary '
    'table, fresh_verdicts.';

create function insights.store_verdicts(periods timestamptz[], newest timestamptz) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from public.verdict_facts
    where period_start < newest - (select horizon from public.insight_settings);
    insert into public.verdict_facts (period_start, instance_id, language, verdict, jobs, cpu_ms, cpu_limited, cpu_peak_ms,
        cpu_limit_ms, wall_limited, wall_peak_ms, wall_limit_ms, memory_limited, memory_peak_mb, memory_limit_mb)
    select v.period_start, v.instance_id, v.language, v.verdict, v.jobs, v.cpu_ms, v.cpu_limited, v.cpu_peak_ms,
        v.cpu_limit_ms, v.wall_limited, v.wall_peak_ms, v.wall_limit_ms, v.memory_limited, v.memory_peak_mb,
        v.memory_limit_mb
    from pg_temp.fresh_verdicts v
    join unnest(periods) p (start) on p.start = v.period_start
    on conflict on constraint verdict_facts_pkey do nothing;
end
$$;
comment on function insights.store_verdicts(timestamptz[], timestamptz) is
    'Keeps what was gathered of these windows, for as long as the horizon reaches.';

create function insights.store_windows(ready timestamptz[], overdue timestamptz[]) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    newest timestamptz;
begin
    perform insights.store_regressions(ready || overdue);
    insert into public.analysed_windows (period_start, jobs, complete)
    select m.period_start, sum(m.jobs_completed + m.jobs_failed), w.complete
    from (select r, true from unnest(ready) r union all select o, false from unnest(overdue) o)
        as w (period_start, complete)
    join central.execution_metrics m on m.period_start = w.period_start
    group by m.period_start, w.complete;
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
    'Draws insights from windows: from all how they compare with those before, from the ready ones what their rows say.';

create function public.refresh_insights(everything boolean default false) returns bigint
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    pending timestamptz[];
    since timestamptz;
    arrived timestamptz;
    ready timestamptz[];
    overdue timestamptz[];
begin
    perform pg_advisory_xact_lock(hashtextextended('public.refresh_insights', 0));
    pending := array(select p from insights.pending(everything) p order by p);
    if cardinality(pending) = 0 then
        return 0;
    end if;
    since := (select max(m.period_start) + interval '5 minutes' from central.execution_metrics m)
        - (select s.horizon from public.insight_settings s);
    perform insights.gather_verdicts(greatest(pending[1], since), pending[cardinality(pending)] + interval '5 minutes');
    -- Rows and windows come through two subscriptions: a window may be here before its rows.
    ready := array(
        select m.period_start
        from (
            select e.period_start, sum(e.jobs_completed + e.jobs_failed) as jobs
            from unnest(pending) p (start)
            join central.execution_metrics e on e.period_start = p.start
            where p.start >= since
            group by e.period_start
        ) m
        join (select v.period_start, sum(v.jobs) as jobs from pg_temp.fresh_verdicts v group by 1) f
            on f.period_start = m.period_start and f.jobs >= m.jobs
        order by 1);
    -- Rows come in order: with a window's, all earlier ones are here that will ever come.
    arrived := greatest(ready[cardinality(ready)],
        (select max(a.period_start) from public.analysed_windows a where a.complete));
    if arrived >= since then
        ready := array(select p from unnest(pending) p where p < since order by p) || ready;
    end if;
    overdue := array(select p from unnest(pending) p where p < arrived - interval '1 hour'
                     except select unnest(ready) order by 1);
    perform insights.store_windows(ready, overdue);
    drop table pg_temp.fresh_verdicts;
    return cardinality(ready) + cardinality(overdue);
end
$$;
comment on function public.refresh_insights(boolean) is
    'Draws insights from published windows that none were drawn from; returns from how many. Looks at those of the last '
    'day before the newest, or, if asked, at all that are kept.';

create function public.prune_statistics() returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    kept constant interval := (select s.keep from public.insight_settings s);
begin
    delete from public.analysed_windows where period_start < clock_timestamp() - kept;
    delete from public.insights where last_seen_at < clock_timestamp() - kept;
    return central.prune_statistics(kept);
end
$$;
comment on function public.prune_statistics() is
    'Deletes statistics and insights that are older than the settings say; returns how many rows of the replicas.';

revoke execute on function insights.pending(boolean), insights.gather_verdicts(timestamptz, timestamptz),
    insights.store_verdicts(timestamptz[], timestamptz),
    insights.store_windows(timestamptz[], timestamptz[]), public.refresh_insights(boolean), public.prune_statistics() from public;
