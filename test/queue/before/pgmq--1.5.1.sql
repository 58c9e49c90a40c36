-- The tables, and as many of the functions as a test needs, as pgmq 1.5.1 makes them: a queue's tables are
-- members of the extension, and a message has six columns.
create table pgmq.meta (
    queue_name varchar unique not null,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamp with time zone default now() not null
);
select pg_catalog.pg_extension_config_dump('pgmq.meta', '');
grant select on pgmq.meta to pg_monitor;

create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamp with time zone, vt timestamp with time zone,
    message jsonb, headers jsonb
);

create function pgmq.create(queue_name text) returns void language plpgsql as $$
declare
    qtable text := lower('q_' || queue_name);
    atable text := lower('a_' || queue_name);
begin
    execute format('create table if not exists pgmq.%I (
        msg_id bigint primary key generated always as identity,
        read_ct int default 0 not null,
        enqueued_at timestamp with time zone default now() not null,
        vt timestamp with time zone not null,
        message jsonb,
        headers jsonb)', qtable);
    execute format('create table if not exists pgmq.%I (
        msg_id bigint primary key,
        read_ct int default 0 not null,
        enqueued_at timestamp with time zone default now() not null,
        archived_at timestamp with time zone default now() not null,
        vt timestamp with time zone not null,
        message jsonb,
        headers jsonb)', atable);
    execute format('alter extension pgmq add table pgmq.%I', qtable);
    execute format('alter extension pgmq add table pgmq.%I', atable);
    execute format('create index if not exists %I on pgmq.%I (vt asc)', qtable || '_vt_idx', qtable);
    execute format('create index if not exists %I on pgmq.%I (archived_at)', 'archived_at_idx_' || queue_name, atable);
    insert into pgmq.meta (queue_name, is_partitioned, is_unlogged) values (queue_name, false, false)
    on conflict do nothing;
end
$$;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
language plpgsql as $$
begin
    return query execute format('insert into pgmq.%I (vt, message, headers)
        values (clock_timestamp() + make_interval(secs => $3), $1, $2) returning msg_id', lower('q_' || queue_name))
        using msg, headers, delay;
end
$$;

create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
returns setof pgmq.message_record language plpgsql as $$
begin
    return query execute format('with cte as (
        select msg_id from pgmq.%1$I where vt <= clock_timestamp() order by msg_id asc limit $1 for update skip locked)
        update pgmq.%1$I m set vt = clock_timestamp() + $2, read_ct = read_ct + 1
        from cte where m.msg_id = cte.msg_id
        returning m.msg_id, m.read_ct, m.enqueued_at, m.vt, m.message, m.headers', lower('q_' || queue_name))
        using qty, make_interval(secs => vt);
end
$$;

create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language plpgsql as $$
declare
    result bigint;
begin
    execute format('with archived as (
        delete from pgmq.%I where msg_id = $1 returning msg_id, vt, read_ct, enqueued_at, message, headers)
        insert into pgmq.%I (msg_id, vt, read_ct, enqueued_at, message, headers)
        select msg_id, vt, read_ct, enqueued_at, message, headers from archived returning msg_id',
        lower('q_' || queue_name), lower('a_' || queue_name)) using msg_id into result;
    return result is not null;
end
$$;
