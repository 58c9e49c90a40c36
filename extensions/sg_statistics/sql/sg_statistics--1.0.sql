-- sum_up_jobs(): what execution_metrics tells of the jobs of a window, and what windows are compared by, in one
-- pass over the rows. In SQL the same takes a sort of the times and groups within groups.
--
-- Functions in C look up no names, so they need no search_path of their own.

\echo Use "create extension sg_statistics" to load this file. \quit

create type job_totals as (
    jobs_completed integer,
    jobs_failed integer,
    avg_execution_time_ms integer,
    p50_execution_time_ms integer,
    p95_execution_time_ms integer,
    p99_execution_time_ms integer,
    total_memory_used_mb integer,
    languages jsonb
);
comment on type job_totals is
    'Jobs summed up. Times and memory are those that were measured, and null where none were; percentiles are '
    'percentile_disc''s. languages has, by language, ended, failed, and of the completed jobs that have a time '
    'their number (timed), the mean of ln(ms + 1) and its sample variance (log_mean, log_variance); those beyond the '
    'first hundred together, as other.';

create function job_totals_add(internal, text, text, integer, integer) returns internal
    as 'MODULE_PATHNAME', 'sg_job_totals_add' language c immutable parallel safe;
create function job_totals_join(internal, internal) returns internal
    as 'MODULE_PATHNAME', 'sg_job_totals_join' language c immutable parallel safe;
create function job_totals_send(internal) returns bytea
    as 'MODULE_PATHNAME', 'sg_job_totals_send' language c immutable strict parallel safe;
create function job_totals_receive(bytea, internal) returns internal
    as 'MODULE_PATHNAME', 'sg_job_totals_receive' language c immutable strict parallel safe;
create function job_totals_row(internal) returns job_totals
    as 'MODULE_PATHNAME', 'sg_job_totals_row' language c immutable parallel safe;
comment on function job_totals_add(internal, text, text, integer, integer) is 'Of sum_up_jobs: takes in a job.';
comment on function job_totals_join(internal, internal) is 'Of sum_up_jobs: joins what two workers have.';
comment on function job_totals_send(internal) is 'Of sum_up_jobs: from one process';
comment on function job_totals_receive(bytea, internal) is 'Of sum_up_jobs: to another.';
comment on function job_totals_row(internal) is 'Of sum_up_jobs: the result.';

create aggregate sum_up_jobs(language text, status text, execution_time_ms integer, memory_used_mb integer) (
    sfunc = job_totals_add,
    stype = internal,
    sspace = 4096,
    finalfunc = job_totals_row,
    combinefunc = job_totals_join,
    serialfunc = job_totals_send,
    deserialfunc = job_totals_receive,
    parallel = safe
);
comment on aggregate sum_up_jobs(text, text, integer, integer) is
    'Sums up jobs whose status is completed or failed; others count as none.';
