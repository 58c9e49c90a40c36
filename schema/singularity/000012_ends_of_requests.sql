-- What becomes of requests in the end: an answer is taken, or it expires; or the request dies before it is on the bus.

create table public.expired_answers (
    request_id text not null,
    expired_at timestamptz not null default clock_timestamp(),
    constraint expired_answers_pkey primary key (request_id)
);
comment on table public.expired_answers is
    'Requests whose answers have expired, for as long as the history is kept: who asks is told, instead of left to wait.';
create index expired_answers_expired_at on public.expired_answers (expired_at);

create function public.expire_answers() returns bigint
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with expired as (
        delete from public.answers where expires_at <= clock_timestamp() returning request_id
    ), noted as (
        insert into public.expired_answers (request_id)
        select distinct e.request_id from expired e
        on conflict on constraint expired_answers_pkey do nothing
    )
    select count(*) from expired;
end;
comment on function public.expire_answers() is 'Deletes answers whose time has come, taken or not; returns how many.';

create or replace function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), sent as (
        delete from public.learning_sync_log where sent_at < clock_timestamp() - keep returning 1
    ), archived as (
        delete from pgmq."a_centralcloud-new-patterns" where archived_at < clock_timestamp() - keep returning 1
    ), carried as (
        delete from pgmq.a_outbox where archived_at < clock_timestamp() - keep returning 1
    ), expired as (
        delete from public.expired_answers where expired_at < clock_timestamp() - keep returning 1
    )
    select (select count(*) from received) + (select count(*) from sent) + (select count(*) from archived)
        + (select count(*) from carried) + (select count(*) from expired) + public.expire_answers();
end;
comment on function public.prune_history(interval) is
    'Deletes answers that have expired, and what is older in the inbox, the records of what was sent and what '
    'expired, and the archives of the outboxes; returns how many rows. What waits is never touched.';

create function api.expired_requests(request_ids text[]) returns setof text
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select e.request_id from public.expired_answers e where e.request_id = any ($1)
    union
    select a.request_id from public.answers a where a.request_id = any ($1)
    group by a.request_id having max(a.expires_at) <= clock_timestamp();
end;
comment on function api.expired_requests(text[]) is 'Which of these requests had an answer that has expired.';

create function api.dead_requests(request_ids text[])
    returns table (request_id text, queue_name text, reason text, attempts integer, died_at timestamptz)
    language plpgsql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select distinct on (d.request_id) d.request_id, d.queue_name, d.reason, d.attempts, d.died_at
        from queue.dead_letters d
        where d.request_id in (select unnest($1))
        order by d.request_id, d.died_at desc;
end
$$;
comment on function api.dead_requests(text[]) is
    'Which of these requests could not be carried to the bus and are dead letters here: when and why.';

create function api.take_answers(request_ids text[]) returns setof text
    language sql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with first as (
        select distinct on (a.request_id) a.request_id, a.queue from public.answers a
        where a.request_id = any ($1) and a.expires_at > clock_timestamp()
        order by a.request_id, a.arrived_at, a.queue
    ), taken as (
        update public.answers a set taken_at = clock_timestamp() from first f
        where a.request_id = f.request_id and a.queue = f.queue and a.taken_at is null
    )
    select f.request_id from first f;
end;
comment on function api.take_answers(text[]) is
    'Notes that whoever asked has the first answer to each of these; returns which have one, taken before or not.';
revoke execute on function public.expire_answers(), api.expired_requests(text[]), api.dead_requests(text[]),
    api.take_answers(text[]) from public;
grant execute on function api.expired_requests(text[]), api.dead_requests(text[]) to console;
grant usage on schema api to nexus;
grant execute on function api.take_answers(text[]) to nexus;
