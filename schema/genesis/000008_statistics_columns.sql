-- migrate: role=central
-- What insights need of a job: CPU time, verdict, the limits that it ran under, and what makes it the same job again.
-- The published table gets the same columns afterwards. The hashes stand last: whoever reads the others need not pass
-- over them.

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
    add column input_sha256 bytea;
comment on column central.job_statistics.late is
    'It came after its window had been published, and is in no execution_metrics.';
comment on column central.job_statistics.kind is 'What was asked for: run, validate or lint.';

alter table central.execution_metrics add column languages jsonb;
comment on column central.execution_metrics.languages is
    'Replica: what windows are compared by, of each language.';

-- The runs of a job, and whether their verdicts differ, without a look at the rows: eight bytes of a hash tell it from
-- all others, and its row has the rest.
create index job_statistics_same_job on central.job_statistics
    (substr(code_sha256, 1, 8), substr(input_sha256, 1, 8), verdict) where code_sha256 is not null;
create index job_statistics_late on central.job_statistics (recorded_at, instance_id) where late;

create or replace function central.refuse_write() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    -- Nobody can log in as central, or is its member: only functions of its own delete with its rights.
    if tg_op = 'DELETE' and current_user = 'central' then
        return null;
    end if;
    raise insufficient_privilege using
        message = format('%I.%I is a replica: only replication writes to it', tg_table_schema, tg_table_name),
        hint = 'Change the table of the same name in database centralcloud.';
end
$$;
comment on function central.refuse_write() is
    'Refuses every statement that writes to a replica, but for what central.prune_statistics() deletes; replication '
    'does not fire it.';

create function central.prune_statistics(keep interval) returns bigint
    language sql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with jobs as (
        delete from central.job_statistics where recorded_at < clock_timestamp() - keep returning 1
    ), windows as (
        delete from central.execution_metrics where period_start < clock_timestamp() - keep returning 1
    )
    select (select count(*) from jobs) + (select count(*) from windows);
end;
comment on function central.prune_statistics(interval) is
    'Deletes what is older in the replicas, with the rights of their owner; returns how many rows. What CentralCloud '
    'deletes does not travel.';
revoke execute on function central.prune_statistics(interval) from public;
grant execute on function central.prune_statistics(interval) to genesis;
