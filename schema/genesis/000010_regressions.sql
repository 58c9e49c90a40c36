-- The tests by which a window is compared with the one before, per language and instance. One-sided: only what became
-- worse is looked for.

create function insights.log_factorial(n bigint) returns double precision
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
    return case when n < 20 then ln(factorial(n)::double precision)
        else n * ln(n::double precision) - n + 0.5 * ln(2 * pi() * n) + 1.0 / (12.0 * n) - 1.0 / (360.0 * n::double precision ^ 3)
        end;
comment on function insights.log_factorial(bigint) is 'ln(n!), by Stirling''s series where n is not small.';

create function insights.fisher_p(failed_before bigint, ended_before bigint, failed_now bigint, ended_now bigint)
    returns double precision
    language plpgsql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
as $$
declare
    failed constant bigint := failed_before + failed_now;
    ended constant bigint := ended_before + ended_now;
    -- Kept from becoming subnormal: the ratio of a term to the first is what is summed.
    term double precision := 1;
    sum double precision := 0;
    k bigint := failed_now;
    first double precision;
begin
    if failed_now * ended <= failed * ended_now then
        return 1;  -- not worse
    end if;
    first := insights.log_factorial(failed) + insights.log_factorial(ended - failed)
        + insights.log_factorial(ended_now) + insights.log_factorial(ended_before) - insights.log_factorial(ended)
        - insights.log_factorial(k) - insights.log_factorial(failed - k) - insights.log_factorial(ended_now - k)
        - insights.log_factorial(ended_before - failed + k);
    loop
        sum := sum + term;
        exit when k = least(failed, ended_now) or term < sum * 1e-12;
        term := term * (failed - k) / (k + 1) * (ended_now - k) / (ended_before - failed + k + 1);
        k := k + 1;
    end loop;
    return least(1, exp(greatest(first + ln(sum), -700)));
end
$$;
comment on function insights.fisher_p(bigint, bigint, bigint, bigint) is
    'Fisher''s exact test, one-sided: how likely at least so many failures would be now if nothing had changed; 1 where '
    'the share of failures did not grow.';

create function insights.compare(periods timestamptz[], largest_p double precision default 1)
    returns table (kind text, period_start timestamptz, instance_id text, language text, effect double precision,
        p_value double precision, q_value double precision, tests bigint)
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
begin atomic
    with pair as (
        select f.period_start, f.instance_id, f.language, f.ended, f.failed, f.timed, f.log_mean, f.log_variance,
            lag(f.period_start) over before as period_before, lag(f.ended) over before as ended_before,
            lag(f.failed) over before as failed_before, lag(f.timed) over before as timed_before,
            lag(f.log_mean) over before as log_mean_before, lag(f.log_variance) over before as log_variance_before,
            s.smallest_sample, f.period_start in (select n from unnest(periods) n) as wanted
        from public.window_facts f
        cross join public.insight_settings s
        where f.period_start >= (select min(n) - interval '5 minutes' from unnest(periods) n)
            and f.period_start <= (select max(n) from unnest(periods) n)
        window before as (partition by f.instance_id, f.language order by f.period_start)
    ), comparable as (
        select p.*
        from pair p
        where p.wanted and p.period_before = p.period_start - interval '5 minutes'
            and p.ended >= p.smallest_sample and p.ended_before >= p.smallest_sample
    ), test as (
        -- t by Welch, degrees of freedom by Satterthwaite, the tail of Student's t by Wallace's approximation.
        select 'latency_regression' as kind, p.period_start, p.instance_id, p.language,
            exp(p.log_mean - p.log_mean_before) as effect,
            erfc(coalesce(w.t * (8 * w.f + 1) / (8 * w.f + 3) * sqrt(w.f * ln(1 + w.t ^ 2 / w.f) / w.t ^ 2), 0)
                 / sqrt(2::double precision)) / 2 as p_value
        from comparable p
        cross join lateral (select p.log_variance_before / p.timed_before as b, p.log_variance / p.timed as n) v
        cross join lateral (select nullif(p.log_mean - p.log_mean_before, 0) / sqrt(v.n + v.b) as t,
            (v.n + v.b) ^ 2 / (v.n ^ 2 / (p.timed - 1) + v.b ^ 2 / (p.timed_before - 1)) as f) w
        where p.timed_before >= p.smallest_sample and p.timed >= p.smallest_sample
        union all
        -- What is less than 1.5 standard deviations above its expectation is not worked out: it is no finding.
        select 'success_rate_regression', p.period_start, p.instance_id, p.language,
            p.failed_before::double precision / p.ended_before - p.failed::double precision / p.ended,
            case when p.failed - h.n * h.r > 1.5 * sqrt(h.n * h.r * (1 - h.r) * p.ended_before / (h.n + p.ended_before - 1))
                then insights.fisher_p(p.failed_before, p.ended_before, p.failed, p.ended)
                else 1 end
        from comparable p
        cross join lateral (select p.ended::double precision as n,
            (p.failed + p.failed_before) / (p.ended + p.ended_before)::double precision as r) h
    ), family as (
        select t.*, count(*) over (partition by t.period_start) as tests from test t
    ), step as (
        -- Benjamini and Hochberg, over all tests of a window. Larger p do not change the order of the smaller.
        select f.*, f.p_value * f.tests
            / row_number() over (partition by f.period_start order by f.p_value) as step
        from family f
        where f.p_value <= largest_p
    )
    select s.kind, s.period_start, s.instance_id, s.language, s.effect, s.p_value,
        least(1, min(s.step) over (partition by s.period_start order by s.p_value desc
                                   rows between unbounded preceding and current row)), s.tests
    from step s;
end;
comment on function insights.compare(timestamptz[], double precision) is
    'The tests of these windows against the window before, whose p is not larger: jobs of one language on one instance, '
    'enough in both.';

create function insights.figures(facts public.window_facts) returns jsonb
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
    return jsonb_build_object('window_start', (facts).period_start, 'ended', (facts).ended, 'failed', (facts).failed,
        'timed', (facts).timed, 'geometric_mean_ms', round((exp((facts).log_mean) - 1)::numeric, 1),
        'log_standard_deviation', round(sqrt((facts).log_variance)::numeric, 3));
comment on function insights.figures(public.window_facts) is 'One side of a comparison, as evidence.';

create function insights.facts_of(period_start timestamptz, instance_id text, language text)
    returns public.window_facts
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select f
    from public.window_facts f
    where f.period_start = facts_of.period_start and f.instance_id = facts_of.instance_id
        and f.language = facts_of.language;
end;
comment on function insights.facts_of(timestamptz, text, text) is 'What a comparison was made of.';

create function insights.store_regressions(periods timestamptz[]) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.insights (kind, instance_id, language, subject, window_start, effect, p_value, q_value, samples,
        summary, evidence, first_seen_at, last_seen_at, ended_at)
    select t.kind, t.instance_id, t.language, replace(t.kind, '_regression', ''), t.period_start, t.effect, t.p_value,
        t.q_value, b.ended + n.ended,
        case t.kind when 'latency_regression' then
            format('%s jobs of %s took %s times as long as in the five minutes before', t.language, t.instance_id,
                   round(t.effect::numeric, 2))
        else format('%s %% of the %s jobs of %s failed, after %s %% in the five minutes before',
                    round(100.0 * n.failed / n.ended, 1), t.language, t.instance_id,
                    round(100.0 * b.failed / b.ended, 1)) end,
        jsonb_build_object('test', case t.kind when 'latency_regression'
                then 'Welch''s t-test of ln(ms + 1) of completed jobs, one-sided'
                else 'Fisher''s exact test, one-sided' end,
            'correction', 'Benjamini-Hochberg', 'tests', t.tests, 'false_discovery_rate', s.false_discovery_rate,
            'before', insights.figures(b), 'now', insights.figures(n)),
        t.period_start, t.period_start + interval '5 minutes', t.period_start + interval '5 minutes'
    from public.insight_settings s
    cross join lateral insights.compare(periods, s.false_discovery_rate) t
    cross join insights.facts_of(t.period_start, t.instance_id, t.language) n
    cross join insights.facts_of(t.period_start - interval '5 minutes', t.instance_id, t.language) b
    where t.q_value <= s.false_discovery_rate
    on conflict on constraint insights_key do nothing;
end;
comment on function insights.store_regressions(timestamptz[]) is 'Stores what became worse in these windows.';

revoke execute on function insights.log_factorial(bigint), insights.fisher_p(bigint, bigint, bigint, bigint),
    insights.compare(timestamptz[], double precision),
    insights.figures(public.window_facts), insights.facts_of(timestamptz, text, text), insights.store_regressions(timestamptz[]) from public;
