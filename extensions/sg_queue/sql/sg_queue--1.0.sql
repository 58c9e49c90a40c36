-- sg_queue: durable queues in tables, under the names and result shapes of pgmq 1.13.
--
-- A queue NAME is a table pgmq.q_<name> of waiting messages, a table pgmq.a_<name> of archived ones and
-- a row in pgmq.meta. Table names are folded to lower case, meta keeps the name as it was given. A
-- message is visible once its vt (visibility timeout) has passed; reading it sets vt into the future,
-- so that it comes back unless its reader deletes or archives it in time.
--
-- Every function runs with its caller's rights: who may send, read or create is decided by grants on
-- the queue's tables and on schema pgmq. docs/queue.md has the interface, the rights and the examples.
\echo Use "create extension sg_queue" to load this file. \quit

-- Types and tables --------------------------------------------------------------------------------

create table pgmq.meta (
    queue_name varchar not null constraint meta_queue_name_key unique,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
);
create unique index meta_folded_name_key on pgmq.meta (lower(queue_name));
grant select on pgmq.meta to pg_monitor;
select pg_catalog.pg_extension_config_dump('pgmq.meta', '');

create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, last_read_at timestamptz, vt timestamptz,
    message jsonb, headers jsonb
);

create type pgmq.queue_record as (
    queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);

create type pgmq.metrics_result as (
    queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer,
    total_messages bigint, scrape_time timestamptz, queue_visible_length bigint,
    default_partition_length bigint
);

-- Names -------------------------------------------------------------------------------------------

create function pgmq.format_table_name(queue_name text, prefix text) returns text
    language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 ~ '\$|;|--|''' then
        raise invalid_name using
            message = format('queue name "%s" is not allowed', $1),
            hint = 'A queue name holds none of $ ; -- and the single quote.';
    end if;
    return lower($2 || '_' || $1);
end
$$;

create function pgmq.validate_queue_name(queue_name text) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(octet_length(lower($1)), 0) not between 1 and 47 then
        raise invalid_name using
            message = format('queue name "%s" is not allowed', $1),
            hint = 'A queue name is 1 to 47 bytes long, so that the names of its tables and indexes fit.';
    end if;
    perform pgmq.format_table_name($1, 'q');
end
$$;

create function pgmq.acquire_queue_lock(queue_name text) returns void
    language sql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pg_advisory_xact_lock(hashtextextended('pgmq.' || pgmq.format_table_name($1, 'q'), 0));
end;

-- Creating and dropping ---------------------------------------------------------------------------

create function pgmq._create_tables(queue_name text, persistence text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    archived constant text := pgmq.format_table_name($1, 'a');
    columns constant text := '
        read_ct integer not null default 0,
        enqueued_at timestamptz not null default clock_timestamp(),
        last_read_at timestamptz,
        vt timestamptz not null,
        message jsonb,
        headers jsonb';
begin
    execute format('create %s table pgmq.%I (msg_id bigint generated always as identity primary key, %s)',
                   $2, waiting, columns);
    execute format('create index %I on pgmq.%I (vt)', waiting || '_vt_idx', waiting);
    execute format('create table pgmq.%I (msg_id bigint primary key, %s,
                    archived_at timestamptz not null default clock_timestamp())', archived, columns);
    execute format('create index %I on pgmq.%I (archived_at)', 'archived_at_idx_' || lower($1), archived);
    execute format('comment on table pgmq.%I is %L', waiting, 'Messages that wait in queue ' || $1);
    execute format('comment on table pgmq.%I is %L', archived, 'Messages archived from queue ' || $1);
    execute format('grant select on pgmq.%I, pgmq.%I to pg_monitor', waiting, archived);
end
$$;

create function pgmq._create_queue(queue_name text, unlogged boolean) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.validate_queue_name($1);
    perform pgmq.acquire_queue_lock($1);
    if exists (select from pgmq.meta m where lower(m.queue_name) = lower($1)) then
        raise notice 'queue "%" already exists, skipping', $1;
        return;
    end if;
    perform pgmq._create_tables($1, case when $2 then 'unlogged' else '' end);
    insert into pgmq.meta (queue_name, is_partitioned, is_unlogged) values ($1, false, $2);
end
$$;

create function pgmq.create_non_partitioned(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, false);
end;
create function pgmq.create_unlogged(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, true);
end;
create function pgmq.create(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, false);
end;

create function pgmq.drop_queue(queue_name text) returns boolean
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.acquire_queue_lock($1);
    delete from pgmq.meta m where lower(m.queue_name) = lower($1);
    if not found then
        raise notice 'queue "%" does not exist, skipping', $1;
        return false;
    end if;
    execute format('drop table pgmq.%I, pgmq.%I',
                   pgmq.format_table_name($1, 'q'), pgmq.format_table_name($1, 'a'));
    return true;
end
$$;

create function pgmq.purge_queue(queue_name text) returns bigint
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    purged bigint;
begin
    execute format('lock table pgmq.%I in access exclusive mode', waiting);
    execute format('select count(*) from pgmq.%I', waiting) into purged;
    execute format('truncate table pgmq.%I', waiting);
    return purged;
end
$$;

-- Sending -----------------------------------------------------------------------------------------

-- The array form does the work; ids ascend in the order of the array. Listeners on channel
-- pgmq.q_<name>.INSERT are woken by the sender's commit.
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz)
    returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
begin
    if cardinality($3) <> cardinality($2) then
        raise invalid_parameter_value using
            message = format('%s headers were given for %s messages', cardinality($3), cardinality($2)),
            hint = 'Give one element of headers for each message, or none at all.';
    end if;
    return query execute format(
        'with sent as (
             insert into pgmq.%I (vt, message, headers)
             select $3, message, headers
             from unnest($1, $2) with ordinality as batch (message, headers, place)
             order by place
             returning msg_id)
         select msg_id from sent order by msg_id', waiting)
        using $2, $3, coalesce($4, clock_timestamp());
    if found then
        perform pg_notify('pgmq.' || waiting || '.INSERT', '');
    end if;
end
$$;

create function pgmq.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], clock_timestamp());
end;
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, $3, clock_timestamp());
end;
create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], clock_timestamp() + make_interval(secs => $3));
end;

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], $3);
end;
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer)
    returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
begin
    return query execute format(
        'insert into pgmq.%I (vt, message, headers) values ($3, $1, $2) returning msg_id', waiting)
        using $2, $3, coalesce($4, clock_timestamp());
    perform pg_notify('pgmq.' || waiting || '.INSERT', '');
end
$$;

create function pgmq.send(queue_name text, msg jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, clock_timestamp());
end;
create function pgmq.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, $3, clock_timestamp());
end;
create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, clock_timestamp() + make_interval(secs => $3));
end;

create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, $3);
end;
create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;

-- Reading -----------------------------------------------------------------------------------------

create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
    returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with visible as (
             select q.msg_id
             from pgmq.%1$I q
             where q.vt <= $1 and ($4 = ''{}'' or q.message @> $4)
             order by q.msg_id
             limit $3
             for update skip locked
         ), claimed as (
             update pgmq.%1$I q
             set read_ct = q.read_ct + 1, last_read_at = $1, vt = clock_timestamp() + $2
             from visible
             where q.msg_id = visible.msg_id
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from claimed order by msg_id', pgmq.format_table_name($1, 'q'))
        using clock_timestamp(), make_interval(secs => $2), $3, coalesce($4, '{}');
end
$$;

create function pgmq.read_with_poll(
    queue_name text, vt integer, qty integer,
    max_poll_seconds integer default 5, poll_interval_ms integer default 100, conditional jsonb default '{}')
    returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    deadline constant timestamptz := clock_timestamp() + make_interval(secs => $4);
    remaining double precision;
begin
    loop
        return query select * from pgmq.read($1, $2, $3, $6);
        exit when found;
        remaining := extract(epoch from deadline - clock_timestamp());
        exit when remaining <= 0;
        perform pg_sleep(least(remaining, $5 / 1000.0));
    end loop;
end
$$;

create function pgmq.pop(queue_name text, qty integer default 1) returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with visible as (
             select q.msg_id
             from pgmq.%1$I q
             where q.vt <= $1
             order by q.msg_id
             limit $2
             for update skip locked
         ), popped as (
             delete from pgmq.%1$I q
             using visible
             where q.msg_id = visible.msg_id
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from popped order by msg_id', pgmq.format_table_name($1, 'q'))
        using clock_timestamp(), $2;
end
$$;

create function pgmq.set_vt(queue_name text, msg_ids bigint[], vt integer) returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with moved as (
             update pgmq.%I q
             set vt = clock_timestamp() + $2
             where q.msg_id = any ($1)
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from moved order by msg_id', pgmq.format_table_name($1, 'q'))
        using $2, make_interval(secs => $3);
end
$$;

create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, array[$2], $3);
end;

-- Finishing ---------------------------------------------------------------------------------------

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with gone as (delete from pgmq.%I q where q.msg_id = any ($1) returning q.msg_id)
         select msg_id from gone order by msg_id', pgmq.format_table_name($1, 'q'))
        using $2;
end
$$;

create function pgmq.delete(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from pgmq.delete($1, array[$2]);
end;

create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with gone as (
             delete from pgmq.%I q
             where q.msg_id = any ($1)
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         ), kept as (
             insert into pgmq.%I (msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers)
             select * from gone
         )
         select msg_id from gone order by msg_id',
        pgmq.format_table_name($1, 'q'), pgmq.format_table_name($1, 'a'))
        using $2;
end
$$;

create function pgmq.archive(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from pgmq.archive($1, array[$2]);
end;

-- Looking -----------------------------------------------------------------------------------------

create function pgmq.list_queues() returns setof pgmq.queue_record
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select m.queue_name, m.is_partitioned, m.is_unlogged, m.created_at
    from pgmq.meta m
    order by m.queue_name;
end;

create function pgmq.metrics(queue_name text) returns setof pgmq.metrics_result
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
begin
    return query execute format(
        'select $1, count(*),
             extract(epoch from $2 - max(q.enqueued_at))::integer,
             extract(epoch from $2 - min(q.enqueued_at))::integer,
             (select case when s.is_called then s.last_value else 0 end from %s s),
             $2, count(*) filter (where q.vt <= $2), 0::bigint
         from pgmq.%I q',
        pg_get_serial_sequence(format('pgmq.%I', waiting), 'msg_id'), waiting)
        using $1, clock_timestamp();
end
$$;

create function pgmq.metrics_all() returns setof pgmq.metrics_result
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select metrics.*
    from pgmq.list_queues() queue
    cross join lateral pgmq.metrics(queue.queue_name::text) metrics
    where has_table_privilege(format('pgmq.%I', pgmq.format_table_name(queue.queue_name, 'q')), 'select');
end;

-- What everything is ------------------------------------------------------------------------------

comment on schema pgmq is 'Durable message queues, with the interface of pgmq 1.13.';
comment on table pgmq.meta is 'The queues of this database, under the names that they were given.';
comment on column pgmq.meta.is_unlogged is 'Waiting messages do not survive a crash of the server.';
comment on type pgmq.message_record is 'A message as readers get it.';
comment on type pgmq.queue_record is 'A queue as list_queues tells it.';
comment on type pgmq.metrics_result is 'How full a queue is, and how old its messages are.';
comment on function pgmq.format_table_name(text, text) is
    'The name of a queue''s table, unquoted: prefix q for waiting messages, a for archived ones.';
comment on function pgmq.validate_queue_name(text) is 'Refuses a name that a queue cannot have.';
comment on function pgmq.acquire_queue_lock(text) is
    'Makes creators and droppers of one queue take turns until their transactions end.';
comment on function pgmq._create_tables(text, text) is 'The tables and indexes of one queue.';
comment on function pgmq._create_queue(text, boolean) is
    'Creates a queue that is not there; the three create functions end here.';
comment on function pgmq.create(text) is 'Creates a queue; one that exists stays as it is.';
comment on function pgmq.create_non_partitioned(text) is 'Creates a queue in plain tables.';
comment on function pgmq.create_unlogged(text) is
    'Creates a queue whose waiting messages do not survive a crash; its archive does.';
comment on function pgmq.drop_queue(text) is
    'Drops a queue with all its messages and its archive; false if it does not exist.';
comment on function pgmq.purge_queue(text) is
    'Removes every waiting message and returns how many there were; ids go on counting.';
comment on function pgmq.list_queues() is 'All queues of this database.';
comment on function pgmq.metrics(text) is 'Length, ages and totals of one queue.';
comment on function pgmq.metrics_all() is 'Length, ages and totals of every queue that the caller may read.';
comment on function pgmq.send(text, jsonb) is 'Sends a message and returns its id.';
comment on function pgmq.send(text, jsonb, jsonb) is 'Sends a message with headers and returns its id.';
comment on function pgmq.send(text, jsonb, integer) is
    'Sends a message that becomes visible after delay seconds.';
comment on function pgmq.send(text, jsonb, timestamptz) is 'Sends a message that becomes visible at a time.';
comment on function pgmq.send(text, jsonb, jsonb, integer) is
    'Sends a message with headers that becomes visible after delay seconds.';
comment on function pgmq.send(text, jsonb, jsonb, timestamptz) is
    'Sends a message with headers that becomes visible at a time.';
comment on function pgmq.send_batch(text, jsonb[]) is
    'Sends messages and returns their ids in the order of the array.';
comment on function pgmq.send_batch(text, jsonb[], jsonb[]) is 'Sends messages with a header for each.';
comment on function pgmq.send_batch(text, jsonb[], integer) is
    'Sends messages that become visible after delay seconds.';
comment on function pgmq.send_batch(text, jsonb[], timestamptz) is
    'Sends messages that become visible at a time.';
comment on function pgmq.send_batch(text, jsonb[], jsonb[], integer) is
    'Sends messages with headers that become visible after delay seconds.';
comment on function pgmq.send_batch(text, jsonb[], jsonb[], timestamptz) is
    'Sends messages with headers that become visible at a time.';
comment on function pgmq.read(text, integer, integer, jsonb) is
    'Claims up to qty visible messages for vt seconds, lowest id first, of those that contain conditional.';
comment on function pgmq.read_with_poll(text, integer, integer, integer, integer, jsonb) is
    'As read, but waits up to max_poll_seconds for a message.';
comment on function pgmq.pop(text, integer) is 'Removes up to qty visible messages and returns them.';
comment on function pgmq.set_vt(text, bigint, integer) is 'Makes a message visible vt seconds from now.';
comment on function pgmq.set_vt(text, bigint[], integer) is
    'Makes messages visible vt seconds from now; returns those that exist.';
comment on function pgmq.delete(text, bigint) is 'Deletes a message; false if there is none.';
comment on function pgmq.delete(text, bigint[]) is 'Deletes messages and returns the ids that were there.';
comment on function pgmq.archive(text, bigint) is 'Moves a message to the archive; false if there is none.';
comment on function pgmq.archive(text, bigint[]) is
    'Moves messages to the archive and returns the ids that were there.';
