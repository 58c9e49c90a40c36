-- Where a request is, and was: every message of the bus that bears its id.
--
-- A publisher's unique key is the request_id, so the engine's keys tell which message it is and both tables are asked
-- by id. What was sent without a key is found by its content: among what waits always, and in an archive, which can
-- be large, where no queue has the key, where what the key stands for is not there, or where a request has it and no
-- answer does, or an answer and no request.

create function public.key_of(queue_name text, request_id text) returns bigint
    language plpgsql stable strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not has_table_privilege('queue.unique_keys', 'select') then
        return null;
    end if;
    return (select k.msg_id from queue.unique_keys k where k.queue = lower($1) and k.key = $2);
end
$$;
comment on function public.key_of(text, text) is 'The message that a queue remembers by this key; null if none.';

create function public.hops_of(queue_name text, request_id text, known_id bigint, search boolean)
    returns table (msg_id bigint, state text, enqueued_at timestamptz, last_read_at timestamptz, read_ct integer,
        finished_at timestamptz)
    language plpgsql stable parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'select q.msg_id, case when q.vt <= clock_timestamp() then ''waiting''
                when q.last_read_at is not null then ''claimed'' else ''delayed'' end,
            q.enqueued_at, q.last_read_at, q.read_ct, null::timestamptz
         from pgmq.%I q
         where q.msg_id = $2 or $1 in (q.message ->> ''request_id'', q.message ->> ''id'', q.message ->> ''query_id'')',
        pgmq.format_table_name($1, 'q')) using $2, $3;
    return query execute format(
        'select a.msg_id, ''archived'', a.enqueued_at, a.last_read_at, a.read_ct, a.archived_at
         from pgmq.%I a
         where %s', pgmq.format_table_name($1, 'a'), case when $4 then
            '$1 in (a.message ->> ''request_id'', a.message ->> ''id'', a.message ->> ''query_id'')'
            else 'a.msg_id = $2' end) using $2, $3;
end
$$;
comment on function public.hops_of(text, text, bigint, boolean) is
    'A request''s messages in one queue, by id and content, and in its archive: by id, or by a search.';

create function public.dead_hops(request_id text)
    returns table (queue_name text, msg_id bigint, state text, enqueued_at timestamptz, last_read_at timestamptz,
        read_ct integer, finished_at timestamptz, reason text, is_over boolean)
    language plpgsql stable strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    request constant text := $1;
    letters name;
begin
    foreach letters in array '{q_dead_letters,a_dead_letters}'::name[] loop
        continue when to_regclass(format('pgmq.%I', letters)) is null;
        return query execute format(
            'select coalesce(d.headers #>> ''{x-queue-dead,queue}'', ''dead_letters''),
                case when pg_input_is_valid(d.headers #>> ''{x-queue-dead,msg_id}'', ''bigint'')
                    then (d.headers #>> ''{x-queue-dead,msg_id}'')::bigint end, ''dead'',
                coalesce(case when pg_input_is_valid(d.headers #>> ''{x-queue-dead,enqueued_at}'', ''timestamptz'')
                    then (d.headers #>> ''{x-queue-dead,enqueued_at}'')::timestamptz end, d.enqueued_at),
                null::timestamptz,
                case when pg_input_is_valid(d.headers #>> ''{x-queue-dead,attempts}'', ''integer'')
                    then (d.headers #>> ''{x-queue-dead,attempts}'')::integer end,
                d.enqueued_at, d.headers #>> ''{x-queue-dead,reason}'', $2
             from pgmq.%I d
             where $1 in (d.message ->> ''request_id'', d.message ->> ''id'', d.message ->> ''query_id'')', letters)
            using request, letters = 'a_dead_letters';
    end loop;
end
$$;
comment on function public.dead_hops(text) is 'A request''s messages that died and why, those too that were revived or discarded: these are over.';

create function public.brings_answers(queue_name text) returns boolean
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
return $1 ~ '_(results|responses)(_|$)';
comment on function public.brings_answers(text) is 'Whether a queue of the bus is one for answers, by its name.';

create function public.may_lack_key(queue_name text, known text[]) returns boolean
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select $2 = '{}' or (
        select coalesce(bool_or(true), false)
            and not coalesce(bool_or(public.brings_answers(k.name) = public.brings_answers($1)), false)
        from unnest($2) as k (name)
        where split_part(k.name, '_', 1) = split_part($1, '_', 1));
end;
comment on function public.may_lack_key(text, text[]) is
    'Whether a queue may have a request''s message without a key, where these queues have one with it: none has, or of '
    'its subject''s queues none that asks, or answers, as it does.';

create function public.request_hops(request_id text)
    returns table (queue_name text, msg_id bigint, state text, enqueued_at timestamptz, last_read_at timestamptz,
        read_ct integer, finished_at timestamptz)
    language plpgsql stable strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    request constant text := $1;
    known jsonb;
    name text;
    key bigint;
begin
    select coalesce(jsonb_object_agg(m.queue_name, k.msg_id) filter (where k.msg_id is not null), '{}') into known
    from pgmq.meta m cross join lateral (select public.key_of(m.queue_name, request) as msg_id) k
    where m.queue_name <> 'dead_letters';
    return query
        select d.queue_name, d.msg_id, d.state, d.enqueued_at, d.last_read_at, d.read_ct, d.finished_at
        from public.dead_hops(request) d;
    for name in select m.queue_name from pgmq.meta m where m.queue_name <> 'dead_letters' order by m.queue_name loop
        key := (known ->> name)::bigint;
        return query select name, h.* from public.hops_of(
            name, request, key, key is null and public.may_lack_key(name, array(select jsonb_object_keys(known)))) h;
        continue when found or key is null;
        return query select name, h.* from public.hops_of(name, request, null, true) h;
        continue when found or exists (
            select from public.dead_hops(request) d where d.queue_name = name and d.msg_id = key);
        return query select name, key, 'gone', null::timestamptz, null::timestamptz, null::integer, null::timestamptz;
    end loop;
end
$$;
comment on function public.request_hops(text) is
    'Every message of a request: where it is (waiting, claimed, delayed) or what became of it (archived, dead, gone).';

create function api.request(request_id text)
    returns table (queue_name text, msg_id bigint, state text, enqueued_at timestamptz, last_read_at timestamptz,
        read_ct integer, finished_at timestamptz)
    language sql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select h.* from public.request_hops($1) h order by h.enqueued_at, h.queue_name, h.msg_id;
end;
comment on function api.request(text) is 'Every message of a request on the bus, in the order in which they were sent.';

revoke execute on function public.key_of(text, text), public.brings_answers(text), public.may_lack_key(text, text[]),
    public.hops_of(text, text, bigint, boolean),
    public.dead_hops(text), public.request_hops(text), api.request(text) from public;
grant execute on function api.request(text) to console;
