-- The schedule as people may see it. pg_cron shows each role its own jobs alone, and lives in one
-- database; this function, owned by the operator, shows all of them with their last outcome. Run by
-- the bootstrap in the database that has pg_cron, each time: it may be run again.

create or replace function api.scheduled_jobs()
    returns table (name text, schedule text, command text, database text, role text, active boolean,
        last_started_at timestamptz, last_ended_at timestamptz, last_status text, last_message text)
    language sql stable security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select j.jobname, j.schedule, j.command, j.database, j.username, j.active, last.start_time, last.end_time,
        last.status, last.return_message
    from cron.job j
    left join lateral (
        select d.start_time, d.end_time, d.status, d.return_message
        from cron.job_run_details d
        where d.jobid = j.jobid
        order by d.runid desc
        limit 1
    ) last on true;
end;
comment on function api.scheduled_jobs() is 'Every scheduled job with its last outcome, with the operator''s rights.';
revoke execute on function api.scheduled_jobs() from public;
grant execute on function api.scheduled_jobs() to console;

create or replace view api.jobs as
    select name, schedule, command, database, role, active, last_started_at, last_ended_at, last_status, last_message
    from api.scheduled_jobs();
comment on view api.jobs is 'What the database does on its own schedule, and how it went last.';
grant select on api.jobs to console;
