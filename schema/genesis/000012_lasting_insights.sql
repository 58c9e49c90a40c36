-- Insights that last for as long as they hold: limits, costs, flaky jobs. Each is one row, which says since when.

create function insights.store_limits(newest timestamptz) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with verdict as (
        select instance_id, language, verdict, sum(cpu_limited) as cpu_limited, max(cpu_peak_ms) as cpu_peak_ms,
            min(cpu_limit_ms) as cpu_limit_ms, sum(wall_limited) as wall_limited, max(wall_peak_ms) as wall_peak_ms,
            min(wall_limit_ms) as wall_limit_ms, sum(memory_limited) as memory_limited,
            max(memory_peak_mb) as memory_peak_mb, min(memory_limit_mb) as memory_limit_mb
        from public.verdict_facts
        group by instance_id, language, verdict
    ), limited as (
        select v.instance_id, v.language, each.subject, sum(each.limited)::bigint as jobs,
            coalesce(sum(each.limited) filter (where v.verdict = each.verdict), 0)::bigint as reached,
            max(each.peak) as peak, min(each.allowed) as allowed
        from verdict v
        cross join lateral (values ('cpu_ms', 'cpu_timeout', v.cpu_limited, v.cpu_peak_ms, v.cpu_limit_ms),
            ('wall_ms', 'wall_timeout', v.wall_limited, v.wall_peak_ms, v.wall_limit_ms),
            ('memory_mb', 'oom', v.memory_limited, v.memory_peak_mb, v.memory_limit_mb))
            as each (subject, verdict, limited, peak, allowed)
        group by v.instance_id, v.language, each.subject
    ), found as (
        select l.*, case when l.reached = l.jobs then 'limit_always_reached' else 'limit_never_reached' end as kind,
            case when l.reached = l.jobs then 1 else l.peak / l.allowed::double precision end as effect
        from limited l
        cross join public.insight_settings s
        where (l.reached = l.jobs and l.jobs >= s.smallest_sample)
            or (l.reached = 0 and l.jobs >= 10 * s.smallest_sample and l.allowed > 0 and l.peak is not null)
    )
    insert into public.insights as known (kind, instance_id, language, subject, effect, samples, summary, evidence,
        first_seen_at, last_seen_at)
    select f.kind, f.instance_id, f.language, f.subject, f.effect, f.jobs,
        case f.kind when 'limit_always_reached' then
            format('all %s %s jobs of %s reached their limit %s = %s', f.jobs, f.language, f.instance_id, f.subject, f.allowed)
        else format('none of %s %s jobs of %s reached its limit %s = %s: the most was %s', f.jobs, f.language,
                    f.instance_id, f.subject, f.allowed, f.peak) end,
        jsonb_build_object('jobs', f.jobs, 'reached', f.reached, 'smallest_limit', f.allowed, 'largest_use', f.peak,
            -- With 95 % confidence: the rule of three, from either end.
            'rate_below', case f.kind when 'limit_never_reached' then round(3.0 / f.jobs, 5) end,
            'rate_above', case f.kind when 'limit_always_reached' then round(1 - 3.0 / f.jobs, 5) end),
        newest, newest
    from found f
    on conflict on constraint insights_key do update
    set effect = excluded.effect, samples = excluded.samples, summary = excluded.summary, evidence = excluded.evidence,
        first_seen_at = case when known.ended_at is null then known.first_seen_at else excluded.first_seen_at end,
        last_seen_at = excluded.last_seen_at, ended_at = null;
    update public.insights
    set ended_at = newest
    where kind in ('limit_always_reached', 'limit_never_reached') and ended_at is null and last_seen_at < newest;
end;
comment on function insights.store_limits(timestamptz) is 'Which limits all jobs reach, and which none does.';

create function insights.store_costs(newest timestamptz) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.insights as known (kind, instance_id, language, subject, effect, samples, summary, evidence,
        first_seen_at, last_seen_at)
    select 'verdict_cost', c.instance_id, c.language, c.verdict, c.cpu_seconds / c.jobs, c.jobs,
        format('%s jobs of %s that ended as %s took %s CPU seconds, %s each: %s %% of what %s took', c.language,
            c.instance_id, c.verdict, round(c.cpu_seconds, 1), round(c.cpu_seconds / c.jobs, 3),
            round(100 * c.cpu_seconds / nullif(c.whole, 0), 1), c.language),
        jsonb_build_object('jobs', c.jobs, 'cpu_seconds', c.cpu_seconds, 'share', round(c.cpu_seconds / nullif(c.whole, 0), 4)),
        newest, newest
    from (
        select v.instance_id, v.language, v.verdict, sum(v.jobs) as jobs, sum(v.cpu_ms) / 1000.0 as cpu_seconds,
            sum(sum(v.cpu_ms) / 1000.0) over (partition by v.instance_id, v.language) as whole
        from public.verdict_facts v
        where v.cpu_ms is not null
        group by v.instance_id, v.language, v.verdict
    ) c
    on conflict on constraint insights_key do update
    set effect = excluded.effect, samples = excluded.samples, summary = excluded.summary, evidence = excluded.evidence,
        first_seen_at = case when known.ended_at is null then known.first_seen_at else excluded.first_seen_at end,
        last_seen_at = excluded.last_seen_at, ended_at = null;
    update public.insights
    set ended_at = newest
    where kind = 'verdict_cost' and ended_at is null and last_seen_at < newest;
end;
comment on function insights.store_costs(timestamptz) is 'What each verdict costs in CPU time.';

create function insights.unsteady_jobs(periods timestamptz[], since timestamptz)
    returns table (code bytea, input bytea)
    language plpgsql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
    set parallel_setup_cost = 1000
    set parallel_tuple_cost = 0
as $$
declare
    -- Known when the statement is planned: a join with the windows would be taken for one with most rows.
    from_time constant timestamptz := (select min(p) from unnest(periods) p);
    to_time constant timestamptz := (select max(p) + interval '5 minutes' from unnest(periods) p);
begin
    if to_time - from_time > interval '1 hour' then
        perform set_config('parallel_setup_cost', '0', true);
        -- Of two verdicts that differ one is not ok, and few are.
        return query
        select job.code, job.input
        from (
            select substr(s.code_sha256, 1, 8) as code, substr(s.input_sha256, 1, 8) as input,
                min(s.verdict) <> max(s.verdict) as differ
            from central.job_statistics s
            where s.recorded_at >= since and s.verdict <> 'ok' and s.code_sha256 is not null
                and s.input_sha256 is not null
            group by 1, 2
        ) job
        where job.differ or exists (select from central.job_statistics s where s.code_sha256 is not null
            and substr(s.code_sha256, 1, 8) = job.code and substr(s.input_sha256, 1, 8) = job.input
            and s.verdict = 'ok');
    else
        return query
        select job.code, job.input
        from (
            select distinct substr(s.code_sha256, 1, 8) as code, substr(s.input_sha256, 1, 8) as input
            from central.job_statistics s
            where s.recorded_at >= from_time and s.recorded_at < to_time and s.code_sha256 is not null
                and s.input_sha256 is not null
        ) job
        where (select min(s.verdict) from central.job_statistics s where s.code_sha256 is not null
                and substr(s.code_sha256, 1, 8) = job.code and substr(s.input_sha256, 1, 8) = job.input)
            <> (select max(s.verdict) from central.job_statistics s where s.code_sha256 is not null
                and substr(s.code_sha256, 1, 8) = job.code and substr(s.input_sha256, 1, 8) = job.input);
    end if;
end
$$;
comment on function insights.unsteady_jobs(timestamptz[], timestamptz) is
    'Beginnings of the hashes of jobs that ran in these windows and do not always end alike, by two looks into an index '
    'for each; of many windows, all such jobs since then. Their limits and the time are still to be looked at.';

create function insights.store_flaky_jobs(periods timestamptz[], newest timestamptz) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with verdict as (
        select s.language, coalesce(s.kind, 'run') as kind, s.code_sha256, s.input_sha256, s.limit_cpu_ms,
            s.limit_wall_ms, s.limit_memory_mb, s.verdict, count(*) as runs, min(s.recorded_at) as first_at,
            max(s.recorded_at) as last_at, (array_agg(s.job_id order by s.recorded_at desc))[1] as last_job,
            array_agg(distinct s.instance_id) as instances
        from insights.unsteady_jobs(periods, newest - (select f.flaky_horizon from public.insight_settings f)) u
        cross join lateral (
            select r.*
            from central.job_statistics r
            where r.code_sha256 is not null and substr(r.code_sha256, 1, 8) = u.code
                and substr(r.input_sha256, 1, 8) = u.input and r.recorded_at < newest
                and r.recorded_at >= newest - (select f.flaky_horizon from public.insight_settings f)
                -- Verdicts of the job, not of ours or of whoever cancelled it.
                and r.verdict = any ('{ok,compile_error,runtime_error,signal,wall_timeout,cpu_timeout,oom,output_limit}')
            offset 0
        ) s
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ), job as (
        select v.language, v.kind, v.code_sha256, v.input_sha256, v.limit_cpu_ms, v.limit_wall_ms, v.limit_memory_mb,
            sum(v.runs) as runs, max(v.runs) as usual_runs, min(v.first_at) as first_at, max(v.last_at) as last_at,
            jsonb_object_agg(v.verdict, jsonb_build_object('runs', v.runs, 'last_at', v.last_at, 'last_job', v.last_job,
                'instances', v.instances) order by v.verdict) as verdicts,
            string_agg(format('%s × %s', v.runs, v.verdict), ', ' order by v.runs desc, v.verdict) as told
        from verdict v
        group by 1, 2, 3, 4, 5, 6, 7
        having count(*) > 1
    )
    insert into public.insights as known (kind, instance_id, language, subject, effect, samples, summary, evidence,
        first_seen_at, last_seen_at)
    select 'flaky_job', null, j.language,
        concat_ws('/', j.kind, left(encode(j.code_sha256, 'hex'), 16), left(encode(j.input_sha256, 'hex'), 16),
            coalesce(j.limit_cpu_ms::text, '-'), coalesce(j.limit_wall_ms::text, '-'),
            coalesce(j.limit_memory_mb::text, '-')),
        1 - j.usual_runs / j.runs, j.runs,
        format('a %s job (code %s…) does not always end alike: %s', j.language,
            left(encode(j.code_sha256, 'hex'), 12), j.told),
        jsonb_build_object('code_sha256', encode(j.code_sha256, 'hex'), 'input_sha256', encode(j.input_sha256, 'hex'),
            'kind', j.kind, 'verdicts', j.verdicts, 'limits', jsonb_strip_nulls(jsonb_build_object('cpu_ms', j.limit_cpu_ms,
                'wall_ms', j.limit_wall_ms, 'memory_mb', j.limit_memory_mb))),
        j.first_at, j.last_at
    from job j
    on conflict on constraint insights_key do update
    set effect = excluded.effect, samples = excluded.samples, summary = excluded.summary, evidence = excluded.evidence,
        last_seen_at = excluded.last_seen_at, ended_at = null;
    update public.insights i
    set ended_at = newest
    from public.insight_settings s
    where i.kind = 'flaky_job' and i.ended_at is null and i.last_seen_at < newest - s.flaky_horizon;
end;
comment on function insights.store_flaky_jobs(timestamptz[], timestamptz) is
    'Jobs of these windows that ran with the same code, input and limits and ended differently within the horizon.';

revoke execute on function insights.store_limits(timestamptz), insights.store_costs(timestamptz),
    insights.unsteady_jobs(timestamptz[], timestamptz),
    insights.store_flaky_jobs(timestamptz[], timestamptz) from public;
