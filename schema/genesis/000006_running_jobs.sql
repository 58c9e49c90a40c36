-- What Genesis does with jobs: each step is one call.

create function public.without_streams(answer jsonb) returns jsonb
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select $1 - '{stdout,stderr,compile_output}'::text[] || case
        when jsonb_typeof($1 -> 'artifacts') = 'array' then jsonb_build_object('artifacts', (
            select coalesce(jsonb_agg(a.artifact - 'content' order by a.place), '[]')
            from jsonb_array_elements($1 -> 'artifacts') with ordinality as a (artifact, place)))
        else '{}' end;
end;
comment on function public.without_streams(jsonb) is 'A job''s answer without what can be large.';

-- Whether the job is to be run, and as which attempt. Earlier attempts that were never told to have ended are over:
-- the claim of their message is.
create function public.begin_job(request_id text, instance_id text, agent_id text, language text, kind text,
    priority integer, code_sha256 text, input_sha256 text, enqueued_at timestamptz, service text, msg_id bigint,
    read_ct integer, starts boolean, expires_at text)
    returns table (state text, attempt integer, lost integer, expired boolean, cpu_ms bigint)
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    job public.jobs;
    lost_before integer;
begin
    insert into public.jobs (request_id, instance_id, agent_id, language, kind, priority, code_sha256, input_sha256,
                             enqueued_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict on constraint jobs_pkey do nothing;
    select * into job from public.jobs j where j.request_id = $1 for update;
    if job.finished_at is not null then
        return query select 'ended', job.attempts, 0, false, 0::bigint;
        return;
    end if;
    update public.runs r
    set state = case when r.service = $10 then 'returned' else 'lost' end, finished_at = clock_timestamp()
    where r.request_id = $1 and r.state in ('waiting', 'running');
    lost_before := (select count(*) from public.runs r where r.request_id = $1 and r.state = 'lost');
    insert into public.runs (request_id, attempt, service, msg_id, read_ct, state, started_at)
    values ($1, job.attempts + 1, $10, $11, $12, case when $13 then 'running' else 'waiting' end,
            case when $13 then clock_timestamp() end);
    update public.jobs j
    set attempts = job.attempts + 1, state = case when $13 then 'running' else 'queued' end,
        started_at = case when $13 then clock_timestamp() else j.started_at end
    where j.request_id = $1;
    return query select
        case when exists (select from public.job_cancellations c where c.request_id = $1) then 'cancelled'
            else 'begun' end,
        job.attempts + 1, lost_before,
        coalesce(pg_input_is_valid($14, 'timestamptz') and $14::timestamptz < clock_timestamp(), false),
        coalesce((select sum(u.cpu_ms) from public.agent_usage u
                  where u.whose = job.whose and u.minute > clock_timestamp() - interval '1 hour'), 0)::bigint;
end
$$;
comment on function public.begin_job(text, text, text, text, text, integer, text, text, timestamptz, text, bigint,
    integer, boolean, text) is
    'Notes an attempt at a job; says whether it is to be made (begun), or the job has ended or is cancelled, how many '
    'attempts were lost before, whether nobody wants it any more, and what CPU time its agent used within the hour.';

create function public.start_run(request_id text, attempt integer) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.runs r set state = 'running', started_at = clock_timestamp()
    where r.request_id = $1 and r.attempt = $2 and r.state = 'waiting';
    update public.jobs j set state = 'running', started_at = clock_timestamp()
    where j.request_id = $1 and j.attempts = $2 and j.finished_at is null;
end;
comment on function public.start_run(text, integer) is 'An attempt that waited has room now.';

create function public.give_up_run(request_id text, attempt integer, state text, problem text) returns void
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.runs r set state = $3, problem = $4, finished_at = clock_timestamp()
    where r.request_id = $1 and r.attempt = $2 and r.state in ('waiting', 'running');
    update public.jobs j set state = 'queued'
    where j.request_id = $1 and j.attempts = $2 and j.finished_at is null;
end;
comment on function public.give_up_run(text, integer, text, text) is
    'An attempt came to no answer, and the job waits for another one.';

create function public.return_runs(service text) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with returned as (
        update public.runs r set state = 'returned', finished_at = clock_timestamp()
        where r.service = $1 and r.state in ('waiting', 'running')
        returning r.request_id, r.attempt
    )
    update public.jobs j set state = 'queued'
    from returned r
    where j.request_id = r.request_id and j.attempts = r.attempt and j.finished_at is null;
end;
comment on function public.return_runs(text) is 'A process stops, and what it was at goes back to the queue.';

-- Whatever puts an answer into the inbox ends the job with it.
create function public.finish_job() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    answer constant jsonb := new.result -> 0;
    cpu_ms constant bigint := coalesce((answer #>> '{usage,cpu_ms}')::bigint, 0)
        + coalesce((answer #>> '{usage,compile_cpu_ms}')::bigint, 0);
begin
    update public.runs r set state = 'ended', finished_at = clock_timestamp()
    where r.request_id = new.request_id and r.state in ('waiting', 'running');
    update public.jobs j
    set state = case when answer ->> 'verdict' = 'cancelled' then 'cancelled' else 'done' end,
        verdict = answer ->> 'verdict', result = public.without_streams(answer), finished_at = clock_timestamp()
    where j.request_id = new.request_id and j.finished_at is null;
    update public.job_cancellations c set settled_at = clock_timestamp()
    where c.request_id = new.request_id and c.settled_at is null;
    insert into public.agent_usage as u (whose, minute, jobs, cpu_ms)
    select j.whose, date_trunc('minute', clock_timestamp()), 1, case when j.shared_with is null then cpu_ms else 0 end
    from public.jobs j where j.request_id = new.request_id
    on conflict on constraint agent_usage_pkey do update set jobs = u.jobs + 1, cpu_ms = u.cpu_ms + excluded.cpu_ms;
    perform pg_notify('job_output', new.request_id);
    return null;
end
$$;
comment on function public.finish_job() is 'A job has its answer, and who looks on is told.';

create trigger finish_job after insert or update of result on public.inbox
    for each row when (new.queue = 'job_requests' and new.result is not null) execute function public.finish_job();

create function public.share_run(request_id text, with_request_id text) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.jobs j set shared_with = $2 where j.request_id = $1 and j.finished_at is null;
end;
comment on function public.share_run(text, text) is 'A job is answered by an identical one''s run.';

-- As one that was never run: nobody has claimed its message, or whoever did is gone.
create function public.cancel_unrun_job(request_id text, instance_id text, agent_id text, language text, kind text,
    priority integer, code_sha256 text, input_sha256 text, enqueued_at timestamptz, reply_queue text, answer jsonb)
    returns boolean
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    insert into public.jobs (request_id, instance_id, agent_id, language, kind, priority, code_sha256, input_sha256,
                             enqueued_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict on constraint jobs_pkey do nothing;
    perform from public.jobs j where j.request_id = $1 for update;
    if exists (select from public.runs r where r.request_id = $1 and r.state in ('waiting', 'running')) then
        return false;
    end if;
    insert into public.inbox (queue, request_id, result) values ('job_requests', $1, jsonb_build_array($11))
    on conflict on constraint inbox_pkey do nothing;
    if found then
        perform public.put_in_outbox($10, $11);
    end if;
    return true;
end
$$;
comment on function public.cancel_unrun_job(text, text, text, text, text, integer, text, text, timestamptz, text, jsonb)
    is 'Answers a job that waits with its cancellation; false where somebody is at it.';

create function public.put_output(request_id text, attempt integer, streams text[], at_bytes bigint[], pieces bytea[])
    returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.job_output (request_id, attempt, stream, at_byte, bytes)
    select $1, $2, p.stream, p.at_byte, p.bytes
    from unnest($3, $4, $5) with ordinality as p (stream, at_byte, bytes, place)
    order by p.place;
    select pg_notify('job_output', $1);
end;
comment on function public.put_output(text, integer, text[], bigint[], bytea[]) is
    'Shows what a running job has written since the last call, and tells who looks on.';

-- A process holds its lock for as long as it lives and reaches the server.
create function public.abandoned_runs(service text)
    returns table (request_id text, attempt integer, msg_id bigint, read_ct integer)
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with dead as materialized (
        select s.service
        from (select distinct r.service from public.runs r
              where r.state in ('waiting', 'running') and r.service <> $1) s
        where pg_try_advisory_xact_lock(hashtextextended('genesis ' || s.service, 0))
    )
    select r.request_id, r.attempt, r.msg_id, r.read_ct
    from public.runs r join dead d on d.service = r.service
    where r.state in ('waiting', 'running');
end;
comment on function public.abandoned_runs(text) is
    'Attempts of processes that are gone: their messages need not wait for the end of their claims.';

create function public.prune_output(keep interval) returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with pruned as (
        delete from public.job_output o
        where o.written_at < clock_timestamp() - keep and not exists (
            select from public.jobs j where j.request_id = o.request_id and (
                j.finished_at is null or j.finished_at > clock_timestamp() - keep))
        returning 1
    )
    select count(*) from pruned;
end;
comment on function public.prune_output(interval) is
    'Deletes the live output of jobs that ended longer ago; their answers have it.';

create function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with answered as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), ended as (
        delete from public.jobs where finished_at < clock_timestamp() - keep returning 1
    ), cancelled as (
        delete from public.job_cancellations
        where coalesce(settled_at, requested_at) < clock_timestamp() - keep returning 1
    ), used as (
        delete from public.agent_usage where minute < clock_timestamp() - keep returning 1
    ), sent as (
        delete from pgmq.a_outbox where archived_at < clock_timestamp() - least(keep, interval '1 day') returning 1
    )
    select (select count(*) from answered) + (select count(*) from ended) + (select count(*) from cancelled)
        + (select count(*) from used) + (select count(*) from sent);
end;
comment on function public.prune_history(interval) is
    'Deletes what is older of jobs, their answers and what agents used, and messages that were sent longer than a day '
    'ago; returns how many rows.';

revoke execute on function public.without_streams(jsonb), public.begin_job(text, text, text, text, text, integer, text,
    text, timestamptz, text, bigint, integer, boolean, text), public.start_run(text, integer),
    public.give_up_run(text, integer, text, text), public.return_runs(text), public.finish_job(), public.share_run(text, text),
    public.cancel_unrun_job(text, text, text, text, text, integer, text, text, timestamptz, text, jsonb),
    public.put_output(text, integer, text[], bigint[], bytea[]), public.abandoned_runs(text),
    public.prune_output(interval), public.prune_history(interval) from public;
