-- migrate: role=central
-- Job statistics and execution metrics as CentralCloud publishes them (subscriptions job_stats_sub and
-- metrics_sub). Logical replication applies with the rights of role central, which owns these tables;
-- everybody else reads. A column that CentralCloud adds must be added here first.

create function central.refuse_write() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using
        message = format('%I.%I is a replica: only replication writes to it', tg_table_schema, tg_table_name),
        hint = 'Change the table of the same name in database centralcloud.';
end
$$;
comment on function central.refuse_write() is
    'Refuses every statement that writes to a replica; replication does not fire it.';

create table central.job_statistics (
    id uuid constraint job_statistics_pkey primary key,
    job_id uuid,
    language text not null,
    status text not null,
    execution_time_ms integer,
    memory_used_mb integer,
    lines_analyzed integer,
    instance_id text not null,
    recorded_at timestamptz not null
);
comment on table central.job_statistics is 'Replica: one row for each job that ended, of all instances.';
create index job_statistics_job_id on central.job_statistics (job_id);
create index job_statistics_instance_id on central.job_statistics (instance_id);
create index job_statistics_status on central.job_statistics (status);
create index job_statistics_recorded_at on central.job_statistics (recorded_at);
create trigger refuse_write before insert or update or delete or truncate on central.job_statistics
    for each statement execute function central.refuse_write();

create table central.execution_metrics (
    id uuid constraint execution_metrics_pkey primary key,
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
    constraint execution_metrics_period_key unique (period_start, period_end, instance_id)
);
comment on table central.execution_metrics is
    'Replica: jobs of one instance summed up over windows of five minutes.';
comment on column central.execution_metrics.success_rate is 'Completed jobs among all that ended, 0 to 1.';
create index execution_metrics_period_start on central.execution_metrics (period_start);
create index execution_metrics_instance_id on central.execution_metrics (instance_id);
create trigger refuse_write before insert or update or delete or truncate on central.execution_metrics
    for each statement execute function central.refuse_write();

grant usage on schema central to genesis;
grant select on central.job_statistics, central.execution_metrics to genesis;
