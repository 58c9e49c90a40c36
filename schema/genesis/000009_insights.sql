-- Insights: what the statistics of all runs say about languages, instances, limits and single jobs, with evidence.
--
-- refresh_insights() takes each published window once, when all of its rows are in the replica. docs/genesis.md says
-- what is tested, how, and what the words mean.

create schema insights;
comment on schema insights is 'What refresh_insights() and suggested_limits() consist of.';

create table public.insight_settings (
    only_row boolean not null default true,
    false_discovery_rate double precision not null default 0.001,
    smallest_sample integer not null default 30,
    horizon interval not null default '1 day',
    flaky_horizon interval not null default '7 days',
    keep interval not null default '30 days',
    headroom double precision not null default 1.5,
    most_cpu_ms integer not null default 300000,
    most_wall_ms integer not null default 600000,
    most_memory_mb integer not null default 4096,
    constraint insight_settings_pkey primary key (only_row),
    constraint insight_settings_only_row check (only_row),
    constraint insight_settings_rate check (false_discovery_rate > 0 and false_discovery_rate < 1),
    constraint insight_settings_sample check (smallest_sample >= 10),
    constraint insight_settings_headroom check (headroom >= 1),
    constraint insight_settings_keep check (keep >= horizon and keep >= flaky_horizon and horizon > '5 minutes')
);
comment on table public.insight_settings is 'How insights are found and how long statistics are kept: one row.';
comment on column public.insight_settings.false_discovery_rate is
    'Of the windows in which nothing became worse, so many at most get an insight that says it did.';
comment on column public.insight_settings.smallest_sample is 'Fewer jobs than that are not compared.';
comment on column public.insight_settings.horizon is 'How far limits and costs look back.';
comment on column public.insight_settings.flaky_horizon is 'Within this time the same job has to end alike.';
comment on column public.insight_settings.keep is 'How long the replicas, and insights, are kept.';
comment on column public.insight_settings.headroom is 'A suggested limit is so many times what was used.';
comment on column public.insight_settings.most_cpu_ms is 'No more is ever suggested.';
insert into public.insight_settings default values;

create table public.analysed_windows (
    period_start timestamptz not null,
    jobs bigint not null,
    complete boolean not null,
    analysed_at timestamptz not null default clock_timestamp(),
    constraint analysed_windows_pkey primary key (period_start)
);
comment on table public.analysed_windows is 'Windows that insights have been drawn from, each once.';
comment on column public.analysed_windows.complete is
    'False where rows were missing when those of an hour later were there: then its jobs were not looked at.';

create view public.window_facts as
    select m.period_start, m.instance_id, l.language, (l.facts ->> 'ended')::integer as ended,
        (l.facts ->> 'failed')::integer as failed, (l.facts ->> 'timed')::integer as timed, e.log_mean,
        (l.facts ->> 'log_variance')::double precision + exp(-2 * e.log_mean) / 12 as log_variance
    from central.execution_metrics m
    cross join lateral jsonb_each(m.languages) l (language, facts)
    cross join lateral (select (l.facts ->> 'log_mean')::double precision as log_mean) e;
comment on view public.window_facts is 'What is compared: the jobs of one language and instance in one window.';
comment on column public.window_facts.timed is 'Completed jobs with a duration.';
comment on column public.window_facts.log_mean is 'Mean of ln(milliseconds + 1) of those.';
comment on column public.window_facts.log_variance is
    'Their sample variance, and what whole milliseconds hide of it: equal short times would differ by nothing else.';

create table public.verdict_facts (
    period_start timestamptz not null,
    instance_id text not null,
    language text not null,
    verdict text not null,
    jobs integer not null,
    cpu_ms bigint,
    cpu_limited integer not null,
    cpu_peak_ms integer,
    cpu_limit_ms integer,
    wall_limited integer not null,
    wall_peak_ms integer,
    wall_limit_ms integer,
    memory_limited integer not null,
    memory_peak_mb integer,
    memory_limit_mb integer,
    constraint verdict_facts_pkey primary key (period_start, instance_id, language, verdict)
);
comment on table public.verdict_facts is
    'Jobs of one window by their verdict: what they cost, and how near they came to their limits. Kept for the horizon.';
comment on column public.verdict_facts.cpu_limited is 'Jobs that say which CPU time they were allowed.';
comment on column public.verdict_facts.cpu_peak_ms is 'The most that one of those used; the smallest limit is cpu_limit_ms.';

create table public.insights (
    id uuid not null default public.gen_monotonic_ulid()::uuid,
    kind text not null,
    instance_id text,
    language text not null,
    subject text not null,
    window_start timestamptz,
    effect double precision not null,
    p_value double precision,
    q_value double precision,
    samples bigint not null,
    summary text not null,
    evidence jsonb not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    ended_at timestamptz,
    constraint insights_pkey primary key (id),
    constraint insights_key unique nulls not distinct (kind, instance_id, language, subject, window_start),
    constraint insights_kind_known check (kind in ('latency_regression', 'success_rate_regression',
        'limit_always_reached', 'limit_never_reached', 'flaky_job', 'verdict_cost'))
);
comment on table public.insights is 'What was learned from runs, with its evidence.';
comment on column public.insights.instance_id is 'Null where runs of all instances were looked at.';
comment on column public.insights.subject is 'What it is about: latency, success_rate, a limit, a verdict, a job.';
comment on column public.insights.window_start is 'Of a regression: the window that is worse than the one before.';
comment on column public.insights.effect is
    'Latency: how many times slower (geometric mean). Success rate: change of the rate. Limits: share of the jobs that '
    'reached it; where none did, the largest use as a share of it. Flaky: share of the runs that do not end as most do. '
    'Cost: CPU seconds a run.';
comment on column public.insights.p_value is 'Of the test alone; q_value is corrected for all tests of the window.';
comment on column public.insights.ended_at is 'Since when it is no longer so; a regression ends with its window.';
create index insights_last_seen_at on public.insights (last_seen_at);
create index insights_open on public.insights (kind) where ended_at is null;
