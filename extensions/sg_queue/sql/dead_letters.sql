-- Failures, and dead letters ----------------------------------------------------------------------

-- What a consumer does with a message that it could not handle: it comes again after a delay (retry), is moved to
-- the queue dead_letters of the same database (bury), or is given back as if it had never been read (unread). Each
-- names the read_ct that its claim got: who has claimed the message since is not disturbed. Where claims live in
-- memory they are written first. Everything runs with the caller's rights on the tables of both queues.
--
-- Headers: x-queue-failures tells of the last ten failures, x-queue-failed how many there were, x-queue-dead of a
-- dead letter where it came from. Headers that are no object are kept in x-queue-headers meanwhile.

create function queue._write_down(queue_name text, msg_ids bigint[]) returns void
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_write_down';
comment on function queue._write_down(text, bigint[]) is
    'Writes claims that live in memory to the rows of their messages.';

create function queue._as_object(headers jsonb) returns jsonb
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case coalesce(jsonb_typeof($1), 'null')
        when 'object' then $1
        when 'null' then '{}'
        else jsonb_build_object('x-queue-headers', $1) end;
end;
comment on function queue._as_object(jsonb) is 'Headers to which more can be added.';

create function queue._failures(headers jsonb) returns jsonb
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case when jsonb_typeof($1 -> 'x-queue-failures') = 'array' then $1 -> 'x-queue-failures' else '[]' end;
end;
comment on function queue._failures(jsonb) is 'The failures that headers tell of, the latest last.';

-- A consumer that repeats a call whose answer it did not get tells of the same attempt once more.
create function queue._with_failure(headers jsonb, attempt integer, at timestamptz, reason text) returns jsonb
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    kept jsonb := queue._failures($1);
    failed numeric := jsonb_array_length(kept);
begin
    if jsonb_typeof($1 -> 'x-queue-failed') = 'number' then
        failed := ($1 ->> 'x-queue-failed')::numeric;
    end if;
    if kept -> -1 -> 'attempt' = to_jsonb($2) then
        kept := kept - (-1);
    else
        failed := failed + 1;
    end if;
    kept := kept || jsonb_build_object('attempt', $2, 'at', $3, 'reason', left($4, 2000));
    while jsonb_array_length(kept) > 10 loop
        kept := kept - 0;
    end loop;
    return queue._as_object($1) || jsonb_build_object('x-queue-failures', kept, 'x-queue-failed', failed);
end
$$;
comment on function queue._with_failure(jsonb, integer, timestamptz, text) is
    'Headers that tell of one more failure.';

-- Who waits to come again is in no reader's hands: without last_read_at it does not count as in flight.
create function queue.retry(queue_name text, msg_id bigint, read_ct integer, delay interval, reason text)
    returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    changed bigint;
begin
    perform queue._write_down($1, array[$2]);
    execute format(
        'update pgmq.%I q
         set vt = $4 + $3, last_read_at = null, headers = queue._with_failure(q.headers, q.read_ct, $4, $5)
         where q.msg_id = $1 and q.read_ct = coalesce($2, q.read_ct)', pgmq._table_of($1, 'q'))
        using $2, $3, coalesce($4, '0'), clock_timestamp(), $5;
    get diagnostics changed = row_count;
    return changed > 0;
end
$$;
comment on function queue.retry(text, bigint, integer, interval, text) is
    'Makes a message that failed visible again after a delay and notes why; false if it is gone, or was read again.';

create function queue._dead_headers(queue_table text, msg_id bigint, read_ct integer, enqueued_at timestamptz,
    headers jsonb, reason text) returns jsonb
    language sql volatile parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select (queue._as_object($5) - 'x-queue-unique-key') || jsonb_build_object('x-queue-dead',
        jsonb_build_object('queue', substr($1, 3), 'msg_id', $2, 'attempts', $3, 'enqueued_at', $4,
                           'died_at', clock_timestamp(), 'reason', $6)
        || case when coalesce(jsonb_typeof($5 -> 'x-queue-unique-key'), 'null') = 'null' then '{}'
                else jsonb_build_object('unique_key', $5 -> 'x-queue-unique-key') end);
end;
comment on function queue._dead_headers(text, bigint, integer, timestamptz, jsonb, text) is
    'The headers of a dead letter, with what it was.';

create function queue.bury(queue_name text, msg_id bigint, read_ct integer, reason text) returns bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
    dead_letters constant text := pgmq._table_of('dead_letters', 'q');
    sent bigint;
begin
    if waiting = dead_letters then
        raise invalid_parameter_value using
            message = 'a dead letter cannot be buried again',
            hint = 'queue.revive sends it back, queue.discard archives it.';
    end if;
    perform queue._write_down($1, array[$2]);
    execute format(
        'with dead as (
             delete from pgmq.%I q where q.msg_id = $1 and q.read_ct = coalesce($2, q.read_ct)
             returning q.msg_id, q.read_ct, q.enqueued_at, q.headers, q.message)
         insert into pgmq.%I (vt, message, headers)
         select clock_timestamp(), d.message,
             queue._dead_headers($3, d.msg_id, d.read_ct, d.enqueued_at, d.headers, $4)
         from dead d
         returning msg_id', waiting, dead_letters)
        into sent using $2, $3, waiting, $4;
    return sent;
end
$$;
comment on function queue.bury(text, bigint, integer, text) is
    'Moves a message to queue dead_letters and returns its id there; null if it is gone, or was read again.';

create function queue.unread(queue_name text, msg_ids bigint[], read_cts integer[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    if cardinality($2) is distinct from cardinality($3) then
        raise invalid_parameter_value using
            message = format('%s ids were given with %s read_cts', coalesce(cardinality($2), 0),
                             coalesce(cardinality($3), 0)),
            hint = 'Give for each message the read_ct with which it was read.';
    end if;
    perform queue._write_down($1, $2);
    return query execute format(
        'with held as materialized (
             select q.msg_id
             from pgmq.%1$I q join unnest($1, $2) as given (msg_id, read_ct) on given.msg_id = q.msg_id
             where q.read_ct = given.read_ct and q.read_ct > 0 and q.last_read_at is not null
             order by q.msg_id
             for no key update of q
         ), returned as (
             update pgmq.%1$I q
             set read_ct = q.read_ct - 1, last_read_at = null, vt = least(q.vt, $3)
             from held
             where q.msg_id = held.msg_id
             returning q.msg_id
         )
         select r.msg_id from returned r order by r.msg_id', pgmq._table_of($1, 'q'))
        using $2, $3, clock_timestamp();
end
$$;
comment on function queue.unread(text, bigint[], integer[]) is
    'Gives claims back as if the messages had not been read; returns those that nobody has read since.';

create function queue._dead_letters() returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('pgmq.q_dead_letters') is not null then
        return query select * from queue.peek('dead_letters', null);
    end if;
end
$$;
comment on function queue._dead_letters() is 'What waits in queue dead_letters; nothing where there is none.';

create function queue._time_in(value text) returns timestamptz
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case when pg_input_is_valid($1, 'timestamptz') then $1::timestamptz end;
end;
comment on function queue._time_in(text) is 'A time, or null where the text tells none.';

create function queue._whole_in(value jsonb, most bigint) returns bigint
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when jsonb_typeof($1) <> 'number' then null
        when abs($1::numeric) <= $2 and $1::numeric = trunc($1::numeric) then $1::numeric::bigint
    end;
end;
comment on function queue._whole_in(jsonb, bigint) is 'A whole number from -most to most; null for anything else.';

create view queue.dead_letters with (security_invoker = true) as
select d.msg_id,
    d.headers #>> '{x-queue-dead,queue}' as queue_name,
    queue._whole_in(d.headers #> '{x-queue-dead,msg_id}', 9223372036854775807) as origin_id,
    d.headers #>> '{x-queue-dead,reason}' as reason,
    queue._whole_in(d.headers #> '{x-queue-dead,attempts}', 2147483647)::integer as attempts,
    queue._failures(d.headers) as failures,
    queue._time_in(d.headers #>> '{x-queue-dead,enqueued_at}') as enqueued_at,
    coalesce(queue._time_in(d.headers #>> '{x-queue-dead,died_at}'), d.enqueued_at) as died_at,
    coalesce(nullif(d.message ->> 'request_id', ''), nullif(d.message ->> 'id', ''), nullif(d.message ->> 'query_id', ''))
        as request_id,
    coalesce(d.message ->> 'traceparent', d.headers ->> 'traceparent') as traceparent,
    d.message,
    d.headers
from queue._dead_letters() d;
comment on view queue.dead_letters is 'Messages of queue dead_letters, and what became of them before.';
comment on column queue.dead_letters.msg_id is 'Its id in queue dead_letters.';
comment on column queue.dead_letters.queue_name is 'The queue in which it died.';
comment on column queue.dead_letters.origin_id is 'Its id there.';
comment on column queue.dead_letters.attempts is 'How often it had been read.';
comment on column queue.dead_letters.failures is 'The last ten failures before: attempt, at, reason.';
comment on column queue.dead_letters.enqueued_at is 'When it was sent, not when it died.';
grant select on queue.dead_letters to public;

create function queue._revived_headers(headers jsonb) returns jsonb
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(coalesce($1 -> 'x-queue-headers', (
        select jsonb_object_agg(h.key, h.value)
        from jsonb_each($1) h
        where h.key not like 'x-queue-%'
            or (h.key = 'x-queue-priority' and queue._whole_in(h.value, 100) is not null))), '{}');
end;
comment on function queue._revived_headers(jsonb) is
    'The headers of a dead letter as its sender gave them, but for the unique key.';

create function queue._revive(msg_id bigint, out queue_name text, out sent_id bigint) returns record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    letter pgmq.message_record;
begin
    select * into letter from queue.peek('dead_letters', 1, $1 - 1) d where d.msg_id = $1;
    if not found or not pgmq.archive('dead_letters', $1) then
        return;
    end if;
    queue_name := letter.headers #>> '{x-queue-dead,queue}';
    if queue_name is null then
        raise invalid_parameter_value using
            message = format('message %s does not tell in which queue it died', $1),
            hint = 'It was not buried but sent to queue dead_letters: queue.discard archives it.';
    end if;
    select s into sent_id from pgmq.send(queue_name, letter.message, queue._revived_headers(letter.headers)) s;
end
$$;
comment on function queue._revive(bigint) is 'Sends one dead letter back; nulls where it is gone.';

create function queue.revive(msg_ids bigint[]) returns table (msg_id bigint, queue_name text, sent_id bigint)
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    for msg_id in select distinct given from unnest($1) given where given is not null order by given loop
        select r.queue_name, r.sent_id into queue_name, sent_id from queue._revive(msg_id) r;
        if queue_name is not null then
            return next;
        end if;
    end loop;
end
$$;
comment on function queue.revive(bigint[]) is
    'Sends dead letters back to the queues that they died in, as new messages, and archives them.';

create function queue.discard(msg_ids bigint[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select d from pgmq.archive('dead_letters', $1) d;
end;
comment on function queue.discard(bigint[]) is 'Archives dead letters; returns those that were there.';
