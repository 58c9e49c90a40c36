-- migrate: role=central
-- What CentralCloud publishes: approved patterns to the instances, statistics and metrics to Genesis.
--
-- The replicas have the same names and columns, in schema central too. Role central owns all of them,
-- here and there; the service works with the rights granted at the end. An approved pattern needs a
-- name, an ecosystem and a confidence; the rest has defaults or is null. Ids are ULIDs in a uuid's clothes.

create table central.approved_patterns (
    id uuid not null default public.gen_monotonic_ulid()::uuid,
    name text not null,
    ecosystem text not null,
    frequency integer,
    confidence double precision not null,
    description text,
    examples jsonb,
    best_practices text[],
    approved_at timestamptz default clock_timestamp(),
    last_synced_at timestamptz default clock_timestamp(),
    instances_count integer,
    idiom text,
    shape text,
    shape_hash text,
    files integer,
    evidence jsonb,
    constraint approved_patterns_pkey primary key (id),
    constraint approved_patterns_name_ecosystem_key unique (name, ecosystem),
    constraint approved_patterns_confidence_range check (confidence between 0 and 1)
);
comment on table central.approved_patterns is
    'Patterns that instances may rely on. Published to all of them.';
comment on column central.approved_patterns.ecosystem is 'The language that the pattern is of.';
comment on column central.approved_patterns.frequency is 'Occurrences of it, over all instances.';
comment on column central.approved_patterns.examples is
    'Array of {code, repository, path, function, start_line, end_line}.';
comment on column central.approved_patterns.last_synced_at is
    'When the row last changed and so went to the replicas.';
comment on column central.approved_patterns.shape is
    'The idiom''s skeleton: required elements and how they nest.';
comment on column central.approved_patterns.files is
    'Distinct file contents that hold it, over all instances.';
comment on column central.approved_patterns.evidence is
    'The contents that count: array of {repository, path, folder, content_hash, function, start_line, '
    'end_line, confidence, occurrences}.';
create index approved_patterns_ecosystem on central.approved_patterns (ecosystem);
create index approved_patterns_confidence on central.approved_patterns (confidence);
create index approved_patterns_last_synced_at on central.approved_patterns (last_synced_at);

create table central.job_statistics (
    id uuid not null default public.gen_monotonic_ulid()::uuid,
    job_id uuid,
    language text not null,
    status text not null,
    execution_time_ms integer,
    memory_used_mb integer,
    lines_analyzed integer,
    instance_id text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    constraint job_statistics_pkey primary key (id),
    constraint job_statistics_status_known check (status in ('running', 'completed', 'failed'))
);
comment on table central.job_statistics is
    'One row for each job that ended, of all instances. Published to Genesis.';
create index job_statistics_job_id on central.job_statistics (job_id);
create index job_statistics_instance_id on central.job_statistics (instance_id);
create index job_statistics_status on central.job_statistics (status);
create index job_statistics_recorded_at on central.job_statistics (recorded_at);

create table central.execution_metrics (
    id uuid not null default public.gen_monotonic_ulid()::uuid,
    period_start timestamptz not null,
    period_end timestamptz not null,
    jobs_completed integer,
    jobs_failed integer,
    success_rate double precision,
    avg_execution_time_ms integer,
    total_memory_used_mb integer,
    p50_execution_time_ms integer,
    p95_execution_time_ms integer,
    p99_execution_time_ms integer,
    instance_id text not null,
    constraint execution_metrics_pkey primary key (id),
    constraint execution_metrics_period_key unique (period_start, period_end, instance_id),
    constraint execution_metrics_period_order check (period_start < period_end),
    constraint execution_metrics_success_rate_range check (success_rate between 0 and 1)
);
comment on table central.execution_metrics is
    'Jobs of one instance summed up over windows of five minutes. Published to Genesis.';
comment on column central.execution_metrics.success_rate is 'Completed jobs among all that ended, 0 to 1.';
create index execution_metrics_period_start on central.execution_metrics (period_start);
create index execution_metrics_instance_id on central.execution_metrics (instance_id);

create table central.sync_log (
    id uuid not null default public.gen_monotonic_ulid()::uuid,
    instance_id text not null,
    operation text not null,
    entity text not null,
    detail jsonb not null default '{}',
    synced_at timestamptz not null default clock_timestamp(),
    constraint sync_log_pkey primary key (id),
    constraint sync_log_operation_known check (
        operation in ('pattern_approved', 'pattern_waiting', 'pattern_withdrawn', 'pattern_ignored',
            'instance_update'))
);
comment on table central.sync_log is
    'What instances sent and what came of it, in the order of arrival. Published.';
comment on column central.sync_log.operation is 'What the message led to.';
comment on column central.sync_log.entity is 'What it is about: a pattern as ecosystem:name, an update by its event.';
create index sync_log_synced_at on central.sync_log (synced_at);

grant usage on schema central to centralcloud, replication;
grant select, insert, update, delete on central.approved_patterns to centralcloud;
grant select, insert, delete on central.job_statistics, central.execution_metrics, central.sync_log
    to centralcloud;
grant select on central.approved_patterns, central.job_statistics, central.execution_metrics, central.sync_log
    to replication;
