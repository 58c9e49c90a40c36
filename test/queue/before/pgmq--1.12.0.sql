-- The tables, and as many of the functions as a test needs, as pgmq 1.12.0 makes them: a queue's tables stand on
-- their own, a message has last_read_at in the fourth place, and there are bindings and throttles.
create table pgmq.meta (
    queue_name varchar unique not null,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamp with time zone default now() not null
);
select pg_catalog.pg_extension_config_dump('pgmq.meta', '');
grant select on pgmq.meta to pg_monitor;

create unlogged table pgmq.notify_insert_throttle (
    queue_name varchar unique not null
        constraint notify_insert_throttle_meta_queue_name_fk references pgmq.meta (queue_name) on delete cascade,
    throttle_interval_ms integer not null default 0,
    last_notified_at timestamp with time zone not null default to_timestamp(0)
);
create table pgmq.topic_bindings (
    pattern text not null,
    queue_name text not null
        constraint topic_bindings_meta_queue_name_fk references pgmq.meta (queue_name) on delete cascade,
    bound_at timestamp with time zone default now() not null,
    compiled_regex text generated always as ('^' || replace(pattern, '.', '\.') || '$') stored,
    constraint topic_bindings_unique_pattern_queue unique (pattern, queue_name)
);
select pg_catalog.pg_extension_config_dump('pgmq.notify_insert_throttle', '');
select pg_catalog.pg_extension_config_dump('pgmq.topic_bindings', '');

create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamp with time zone,
    last_read_at timestamp with time zone, vt timestamp with time zone,
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
        last_read_at timestamp with time zone,
        vt timestamp with time zone not null,
        message jsonb,
        headers jsonb)', qtable);
    execute format('create table if not exists pgmq.%I (
        msg_id bigint primary key,
        read_ct int default 0 not null,
        enqueued_at timestamp with time zone default now() not null,
        last_read_at timestamp with time zone,
        archived_at timestamp with time zone default now() not null,
        vt timestamp with time zone not null,
        message jsonb,
        headers jsonb)', atable);
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
        update pgmq.%1$I m set vt = clock_timestamp() + $2, read_ct = read_ct + 1, last_read_at = clock_timestamp()
        from cte where m.msg_id = cte.msg_id
        returning m.msg_id, m.read_ct, m.enqueued_at, m.last_read_at, m.vt, m.message, m.headers', lower('q_' || queue_name))
        using qty, make_interval(secs => vt);
end
$$;

create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language plpgsql as $$
declare
    result bigint;
begin
    execute format('with archived as (
        delete from pgmq.%I where msg_id = $1 returning *)
        insert into pgmq.%I (msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers)
        select msg_id, vt, read_ct, enqueued_at, last_read_at, message, headers from archived returning msg_id',
        lower('q_' || queue_name), lower('a_' || queue_name)) using msg_id into result;
    return result is not null;
end
$$;

create function pgmq.notify_queue_listeners() returns trigger language plpgsql as $$
begin
    perform pg_notify('pgmq.' || tg_table_name || '.' || tg_op, null);
    return new;
end
$$;

create function pgmq.enable_notify_insert(queue_name text, throttle_interval_ms integer default 250) returns void
language plpgsql as $$
begin
    insert into pgmq.notify_insert_throttle values (queue_name, throttle_interval_ms);
    execute format('create constraint trigger trigger_notify_queue_insert_listeners after insert on pgmq.%I
        deferrable for each row execute procedure pgmq.notify_queue_listeners()', lower('q_' || queue_name));
end
$$;
