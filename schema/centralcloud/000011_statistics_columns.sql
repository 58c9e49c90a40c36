-- migrate: role=central
-- What insights need of a job. The replica got the same columns before, in the same order.

alter table central.job_statistics
    add column late boolean not null default false,
    add column cpu_time_ms integer,
    add column limit_cpu_ms integer,
    add column limit_wall_ms integer,
    add column limit_memory_mb integer,
    add column verdict text,
    add column kind text,
    add column phase text,
    add column language_version text,
    add column code_sha256 bytea,
    add column input_sha256 bytea,
    add constraint job_statistics_hashes check (octet_length(code_sha256) = 32 and octet_length(input_sha256) = 32);
comment on column central.job_statistics.late is
    'It came after its window had been published, and is in no execution_metrics.';
comment on column central.job_statistics.recorded_at is
    'When the job ended, as its instance says, but never later than it was told here.';
comment on column central.job_statistics.job_id is 'The job''s UUID or ULID; null where it has another kind of name.';
comment on column central.job_statistics.kind is 'What was asked for: run, validate or lint.';
-- How many windows there are, which the planner would otherwise take for as many as there are rows.
create statistics central.job_windows (ndistinct)
    on date_bin('5 minutes', recorded_at, timestamptz '2000-01-01 00:00Z'), instance_id
    from central.job_statistics;
create index job_statistics_late on central.job_statistics (recorded_at, instance_id) where late;

alter table central.execution_metrics
    add column languages jsonb,
    add constraint execution_metrics_languages check (jsonb_typeof(languages) = 'object');
comment on column central.execution_metrics.languages is
    'What windows are compared by: of each language ended and failed jobs, and of the completed ones that have a time '
    'their number (timed), the mean of ln(ms + 1) and its sample variance (log_mean, log_variance).';
comment on column central.execution_metrics.p50_execution_time_ms is
    'Of the times that were measured, one: the smallest that half of them do not exceed (percentile_disc).';
comment on column central.execution_metrics.total_memory_used_mb is 'The jobs'' peaks added up.';
