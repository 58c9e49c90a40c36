-- What people may see of Genesis.

create schema api;
comment on schema api is 'Views and functions for people: what the console, /metrics and role console read.';
grant usage on schema api to console;

create view api.job_statistics as
    select id, job_id, language, status, execution_time_ms, memory_used_mb, lines_analyzed, instance_id,
        recorded_at
    from central.job_statistics;
comment on view api.job_statistics is 'Jobs that ended, of all instances.';

create view api.execution_metrics as
    select period_start, period_end, instance_id, jobs_completed, jobs_failed, success_rate,
        avg_execution_time_ms, p50_execution_time_ms, p95_execution_time_ms, p99_execution_time_ms,
        total_memory_used_mb
    from central.execution_metrics;
comment on view api.execution_metrics is 'Jobs summed up over windows of five minutes.';

create view api.replication as
    select sub.subname::text as subscription, sub.subenabled as enabled, worker.pid is not null as running,
        worker.latest_end_lsn, worker.latest_end_time, coalesce(errors.apply_error_count, 0) as apply_errors,
        coalesce(errors.sync_error_count, 0) as sync_errors
    from pg_subscription sub
    left join pg_stat_subscription worker on worker.subid = sub.oid and worker.worker_type = 'apply'
    left join pg_stat_subscription_stats errors on errors.subid = sub.oid
    where sub.subdbid = (select oid from pg_database where datname = current_database());
comment on view api.replication is 'The subscriptions of this database, and whether they run without errors.';

grant select on api.job_statistics, api.execution_metrics, api.replication to console;
