-- Limits for the next run, from what earlier runs used; and insights as people see them.

create function insights.sample(of_language text, of_code bytea)
    returns table (basis text, verdict text, cpu_ms integer, wall_ms integer, memory_mb integer, limit_cpu_ms integer,
        limit_wall_ms integer, limit_memory_mb integer)
    language plpgsql stable parallel safe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select 'code', s.verdict, s.cpu_time_ms, s.execution_time_ms, s.memory_used_mb, s.limit_cpu_ms, s.limit_wall_ms,
        s.limit_memory_mb
    from central.job_statistics s
    where s.code_sha256 is not null and substr(s.code_sha256, 1, 8) = substr(of_code, 1, 8)
        and s.code_sha256 = of_code and s.language = of_language and coalesce(s.kind, 'run') = 'run'
        and s.phase is distinct from 'compile'
    limit 10000;
    if found then
        return;
    end if;
    -- The language's last thousand jobs, as far as they are in its last hundred windows.
    return query
    select 'language', s.verdict, s.cpu_time_ms, s.execution_time_ms, s.memory_used_mb, s.limit_cpu_ms, s.limit_wall_ms,
        s.limit_memory_mb
    from (
        select f.period_start
        from (select f.period_start, sum(sum(f.ended)) over (order by f.period_start desc) - sum(f.ended) as later
              from (select m.period_start, (m.languages -> of_language ->> 'ended')::integer as ended
                    from central.execution_metrics m
                    where m.languages ? of_language
                    order by m.period_start desc limit 300) f
              group by f.period_start
              order by f.period_start desc
              limit 100) f
        where f.later < 1000
    ) w
    join central.job_statistics s on s.recorded_at >= w.period_start
        and s.recorded_at < w.period_start + interval '5 minutes'
    where s.language = of_language and coalesce(s.kind, 'run') = 'run' and s.phase is distinct from 'compile';
end
$$;
comment on function insights.sample(text, bytea) is
    'The runs from which limits are suggested: of this code if it ever ran, else of its language.';

create function public.suggested_limits(language text, code_sha256 text default null)
    returns table (limit_name text, suggested integer, basis text, samples bigint, p99 integer, largest integer,
        reached bigint, largest_reached integer, reason text)
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    with run as (
        select r.basis, r.verdict, each.limit_name, each.reached_as, each.used, each.allowed
        from insights.sample(suggested_limits.language,
            case when suggested_limits.code_sha256 ~ '^[0-9a-f]{64}$' then decode(suggested_limits.code_sha256, 'hex') end) r
        cross join lateral (values ('cpu_ms', 'cpu_timeout', r.cpu_ms, r.limit_cpu_ms),
            ('wall_ms', 'wall_timeout', r.wall_ms, r.limit_wall_ms),
            ('memory_mb', 'oom', r.memory_mb, r.limit_memory_mb)) as each (limit_name, reached_as, used, allowed)
    ), usage as (
        select run.limit_name, min(run.basis) as basis, count(*) as samples,
            count(run.used) filter (where run.verdict = 'ok') as good,
            (percentile_disc(0.99) within group (order by run.used) filter (where run.verdict = 'ok')) as p99,
            max(run.used) filter (where run.verdict = 'ok') as largest,
            count(*) filter (where run.verdict = run.reached_as) as reached,
            max(run.allowed) filter (where run.verdict = run.reached_as) as largest_reached,
            count(distinct run.allowed) filter (where run.verdict = run.reached_as) as limits_reached
        from run
        group by run.limit_name
    ), wanted as (
        select u.*, e.most, e.step, greatest(ceil(u.p99 * e.headroom), u.largest) as enough,
            case when u.reached = 0 then 'unreached'
                when u.good = 0 and u.limits_reached >= 3 then 'hopeless'
                when u.good = 0 or u.largest >= u.largest_reached / 2.0 then 'near'
                else 'far' end as state
        from usage u
        cross join public.insight_settings s
        cross join lateral (values ('cpu_ms', s.most_cpu_ms, 100, s.headroom), ('wall_ms', s.most_wall_ms, 100, s.headroom),
            ('memory_mb', s.most_memory_mb, 16, s.headroom)) as e (limit_name, most, step, headroom)
        where e.limit_name = u.limit_name
    )
    select w.limit_name,
        least(w.most, ceil(greatest(w.enough, case w.state when 'near' then 2.0 when 'hopeless' then 1.0 end
                                                  * w.largest_reached) / w.step) * w.step)::integer,
        w.basis, w.samples, w.p99, w.largest, w.reached, w.largest_reached,
        case w.state
            when 'unreached' then 'the 99th percentile of what successful runs used, with headroom'
            when 'near' then 'twice the limit that was reached: successful runs came near it, or there were none'
            when 'far' then 'as successful runs need: what reached the limit is not like them'
            else 'as it is: none succeeded with three limits, a larger one is not likely to help' end
    from wanted w
    where coalesce(w.enough, w.largest_reached) is not null
    order by w.limit_name;
end;
comment on function public.suggested_limits(text, text) is
    'Limits for the next run of this code, or where it is not known, of a program in this language: cpu_ms, wall_ms, '
    'memory_mb. None where nothing is known.';

create view api.insights as
    select id, kind, instance_id, language, subject, window_start, effect, p_value, q_value, samples, summary, evidence,
        first_seen_at, last_seen_at, ended_at
    from public.insights;
comment on view api.insights is 'What was learned from runs, with its evidence.';

create view api.analysed_windows as
    select period_start, jobs, complete, analysed_at from public.analysed_windows;
comment on view api.analysed_windows is 'Windows that insights have been drawn from.';

create or replace view api.job_statistics as
    select id, job_id, language, status, execution_time_ms, memory_used_mb, lines_analyzed, instance_id, recorded_at,
        late, cpu_time_ms, limit_cpu_ms, limit_wall_ms, limit_memory_mb, verdict, kind, phase, language_version,
        encode(code_sha256, 'hex') as code_sha256, encode(input_sha256, 'hex') as input_sha256
    from central.job_statistics;

create or replace view api.execution_metrics as
    select m.period_start, m.period_end, m.instance_id, m.jobs_completed, m.jobs_failed, m.success_rate,
        m.avg_execution_time_ms, m.p50_execution_time_ms, m.p95_execution_time_ms, m.p99_execution_time_ms,
        m.total_memory_used_mb, coalesce(l.late_rows, 0) as late_rows
    from central.execution_metrics m
    left join (
        select date_bin('5 minutes', recorded_at, timestamptz '2000-01-01 00:00Z') as period_start, instance_id,
            count(*) as late_rows
        from central.job_statistics
        where late
        group by 1, 2
    ) l on l.period_start = m.period_start and l.instance_id = m.instance_id;
comment on column api.execution_metrics.late_rows is 'Jobs that came too late to be counted in it.';

create function api.suggested_limits(language text, code_sha256 text default null)
    returns table (limit_name text, suggested integer, basis text, samples bigint, p99 integer, largest integer,
        reached bigint, largest_reached integer, reason text)
    language sql stable security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select * from public.suggested_limits(language, code_sha256);
end;
comment on function api.suggested_limits(text, text) is 'Limits for the next run of this code, or of this language.';

revoke execute on function insights.sample(text, bytea), public.suggested_limits(text, text),
    api.suggested_limits(text, text) from public;
grant execute on function api.suggested_limits(text, text) to console;
grant select on api.insights, api.analysed_windows to console;
