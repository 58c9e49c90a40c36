-- Answers to what this instance's agents asked: of models, people, the sandbox and other agents.
--
-- SharedQueueConsumer delivers each once. Whoever waits for it is woken, and it stays for an agent that is
-- away until it expires.

create table public.answers (
    request_id text not null,
    queue text not null,
    agent_id text,
    answer jsonb not null,
    arrived_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null default clock_timestamp() + interval '30 days',
    taken_at timestamptz,
    constraint answers_pkey primary key (request_id, queue)
);
comment on table public.answers is 'Every answer that came for an agent of this instance, until it expires.';
comment on column public.answers.queue is 'The queue of the bus that brought it.';
comment on column public.answers.agent_id is 'Who asked, where the request said so.';
comment on column public.answers.expires_at is 'When it is deleted, taken or not.';
comment on column public.answers.taken_at is 'When somebody who waited for it had it; null while it waits.';
create index answers_agent_id on public.answers (agent_id, arrived_at) where taken_at is null;
create index answers_expires_at on public.answers (expires_at);

-- In plpgsql, as it is on every answer's way: SQL would be planned anew each time.
create function public.deliver_answer(queue text, request_id text, answer jsonb) returns void
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    insert into public.answers (request_id, queue, agent_id, answer)
    values ($2, $1, $3 ->> 'agent_id', $3)
    on conflict on constraint answers_pkey do nothing;
    perform pg_notify('agent_answers', $2), queue.ring('answer ' || $2);
end
$$;
comment on function public.deliver_answer(text, text, jsonb) is
    'Stores an answer and wakes whoever waits for it, here or on channel agent_answers.';

-- By their key, not by the index of all that nobody has taken: that may be a hundred thousand.
create function public.take_answers(request_ids text[]) returns bigint
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    taken bigint;
begin
    update public.answers set taken_at = clock_timestamp()
    where request_id = any ($1) and coalesce(taken_at, 'infinity') = 'infinity';
    get diagnostics taken = row_count;
    return taken;
end
$$;
comment on function public.take_answers(text[]) is
    'Notes that whoever asked has these answers; returns how many were new to them.';

-- It commits between looks, so it can pin no search_path: every name is qualified.
create procedure public.wait_for_answer(request_id text, timeout double precision,
    inout answer jsonb default null)
    language plpgsql
as $$
declare
    deadline timestamptz;
    bell constant text := pg_catalog.concat('answer ', $1);
    heard bigint;
    rung boolean;
    remaining double precision;
begin
    if $1 is null or $2 is null then
        raise exception '% must not be null', case when $1 is null then 'request_id' else 'timeout' end
            using errcode = 'null_value_not_allowed';
    end if;
    if not ($2 operator(pg_catalog.>=) 0 and $2 operator(pg_catalog.<=) 31536000) then
        raise exception 'timeout must be a number of seconds from 0 to 31536000, not %', $2
            using errcode = 'invalid_parameter_value';
    end if;
    call queue.wait_for_bell(bell, 0, 0, rung);  -- where nobody may wait, it says so
    deadline := pg_catalog.clock_timestamp() operator(pg_catalog.+) pg_catalog.make_interval(secs => $2);
    loop
        heard := queue.bell(bell);
        update public.answers a set taken_at = coalesce(a.taken_at, pg_catalog.clock_timestamp())
        from (
            select f.queue from public.answers f
            where f.request_id operator(pg_catalog.=) $1
                and f.expires_at operator(pg_catalog.>) pg_catalog.clock_timestamp()
            order by f.arrived_at, f.queue limit 1) first
        where a.request_id operator(pg_catalog.=) $1 and a.queue operator(pg_catalog.=) first.queue
        returning a.answer into answer;
        remaining := pg_catalog.date_part('epoch',
            deadline operator(pg_catalog.-) pg_catalog.clock_timestamp());
        exit when answer is not null or remaining operator(pg_catalog.<=) 0
            or exists (select from public.answers a where a.request_id operator(pg_catalog.=) $1
                and a.expires_at operator(pg_catalog.<=) pg_catalog.clock_timestamp())
            or exists (select from public.expired_answers e where e.request_id operator(pg_catalog.=) $1);
        commit;
        call queue.wait_for_bell(bell, heard, remaining, rung);
    end loop;
end
$$;
comment on procedure public.wait_for_answer(text, double precision, jsonb) is
    'Sleeps until an answer to a request is there and returns the first one; null where none came in as many '
    'seconds, and at once where it has expired. To be called by itself, not in a transaction.';

create function public.agent_inbox(agent_id text)
    returns table (request_id text, queue text, answer jsonb, arrived_at timestamptz, expires_at timestamptz)
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select a.request_id, a.queue, a.answer, a.arrived_at, a.expires_at
    from public.answers a
    where a.agent_id = agent_inbox.agent_id and a.taken_at is null and a.expires_at > clock_timestamp()
    order by a.arrived_at, a.queue;
end;
comment on function public.agent_inbox(text) is
    'Answers that wait for an agent, the oldest first. take_answers() takes them out.';

create function api.answers(request_ids text[])
    returns table (request_id text, queue text, agent_id text, answer jsonb, arrived_at timestamptz,
        expires_at timestamptz, taken_at timestamptz)
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select a.request_id, a.queue, a.agent_id, a.answer, a.arrived_at, a.expires_at, a.taken_at
    from public.answers a
    where a.request_id = any (request_ids)
    order by a.arrived_at, a.queue;
end;
comment on function api.answers(text[]) is 'The answers to these requests, the oldest first.';
revoke execute on function public.deliver_answer(text, text, jsonb), public.take_answers(text[]),
    public.agent_inbox(text), api.answers(text[]) from public;
revoke execute on procedure public.wait_for_answer(text, double precision, jsonb) from public;
grant execute on function api.answers(text[]) to console;
