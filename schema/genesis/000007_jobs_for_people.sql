-- Jobs as people see them, and their cancellation.

create view api.jobs as
    select j.request_id, j.instance_id, j.agent_id, j.language, j.kind, j.priority, j.state, j.verdict, j.attempts,
        j.shared_with, j.enqueued_at, j.created_at, j.started_at, j.finished_at, j.code_sha256, j.input_sha256, j.result
    from public.jobs j;
comment on view api.jobs is 'Every job whose message Genesis has had; result is its answer without the streams.';

create view api.runs as
    select r.request_id, r.attempt, r.state, r.problem, r.claimed_at, r.started_at, r.finished_at
    from public.runs r;
comment on view api.runs is 'Each attempt at a job.';

create view api.agent_usage as
    select u.whose, u.minute, u.jobs, u.cpu_ms from public.agent_usage u;
comment on view api.agent_usage is 'What each agent''s jobs used, by the minute in which they ended.';

create function api.job_result(request_id text) returns jsonb
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select i.result -> 0 from public.inbox i where i.queue = 'job_requests' and i.request_id = $1;
end;
comment on function api.job_result(text) is 'A job''s whole answer, as it was sent; null while there is none.';

create function api.job_output(request_id text, after bigint, at_most integer)
    returns table (number bigint, attempt integer, stream text, at_byte bigint, bytes bytea)
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select o.number, o.attempt, o.stream, o.at_byte, o.bytes
    from public.job_output o
    where o.request_id = $1 and o.number > $2
    order by o.number
    limit $3;
end;
comment on function api.job_output(text, bigint, integer) is
    'What a running job has written since a piece, as far as it is shown; channel job_output tells of more.';

create function api.cancel_job(request_id text) returns text
    language plpgsql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.jobs j where j.request_id = $1 and j.finished_at is not null) then
        return 'ended';
    end if;
    insert into public.job_cancellations (request_id) values ($1)
    on conflict on constraint job_cancellations_pkey do nothing;
    perform pg_notify('job_cancellations', $1);
    return 'cancelling';
end
$$;
comment on function api.cancel_job(text) is
    'Has a job end with verdict cancelled, be it running, waiting or still to come; says so if it has ended already.';

grant select on api.jobs, api.runs, api.agent_usage to console;
revoke execute on function api.job_result(text), api.job_output(text, bigint, integer), api.cancel_job(text)
    from public;
grant execute on function api.job_result(text), api.job_output(text, bigint, integer) to console;
grant usage on schema api to nexus;
grant execute on function api.cancel_job(text) to nexus;
