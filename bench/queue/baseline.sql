-- The first form of the queues, in SQL alone, as a baseline to measure the engine against: the same
-- interface in schema baseline, with tables and plans as they were. Run it in a database of its own:
--
--     psql -f bench/queue/baseline.sql
--     select baseline.create('jobs');
--     select * from baseline.send('jobs', '{}');
create schema baseline;


create table baseline.meta (
    queue_name varchar not null constraint meta_queue_name_key unique,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
);
create unique index meta_folded_name_key on baseline.meta (lower(queue_name));
grant select on baseline.meta to pg_monitor;

create type baseline.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, last_read_at timestamptz, vt timestamptz,
    message jsonb, headers jsonb
);

create type baseline.queue_record as (
    queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);

create type baseline.metrics_result as (
    queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer,
    total_messages bigint, scrape_time timestamptz, queue_visible_length bigint,
    default_partition_length bigint
);

create function baseline.format_table_name(queue_name text, prefix text) returns text
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

create function baseline.validate_queue_name(queue_name text) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(octet_length(lower($1)), 0) not between 1 and 47 then
        raise invalid_name using
            message = format('queue name "%s" is not allowed', $1),
            hint = 'A queue name is 1 to 47 bytes long, so that the names of its tables and indexes fit.';
    end if;
    perform baseline.format_table_name($1, 'q');
end
$$;

create function baseline.acquire_queue_lock(queue_name text) returns void
    language sql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pg_advisory_xact_lock(hashtextextended('baseline.' || baseline.format_table_name($1, 'q'), 0));
end;

create function baseline._create_tables(queue_name text, persistence text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := baseline.format_table_name($1, 'q');
    archived constant text := baseline.format_table_name($1, 'a');
    columns constant text := '
        read_ct integer not null default 0,
        enqueued_at timestamptz not null default clock_timestamp(),
        last_read_at timestamptz,
        vt timestamptz not null,
        message jsonb,
        headers jsonb';
begin
    execute format('create %s table baseline.%I (msg_id bigint generated always as identity primary key, %s)',
                   $2, waiting, columns);
    execute format('create index %I on baseline.%I (vt)', waiting || '_vt_idx', waiting);
    execute format('create table baseline.%I (msg_id bigint primary key, %s,
                    archived_at timestamptz not null default clock_timestamp())', archived, columns);
    execute format('create index %I on baseline.%I (archived_at)', 'archived_at_idx_' || lower($1), archived);
    execute format('comment on table baseline.%I is %L', waiting, 'Messages that wait in queue ' || $1);
    execute format('comment on table baseline.%I is %L', archived, 'Messages archived from queue ' || $1);
    execute format('grant select on baseline.%I, baseline.%I to pg_monitor', waiting, archived);
end
$$;

create function baseline._create_queue(queue_name text, unlogged boolean) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform baseline.validate_queue_name($1);
    perform baseline.acquire_queue_lock($1);
    if exists (select from baseline.meta m where lower(m.queue_name) = lower($1)) then
        raise notice 'queue "%" already exists, skipping', $1;
        return;
    end if;
    perform baseline._create_tables($1, case when $2 then 'unlogged' else '' end);
    insert into baseline.meta (queue_name, is_partitioned, is_unlogged) values ($1, false, $2);
end
$$;

create function baseline.create(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline._create_queue($1, false);
end;

create function baseline.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz)
    returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := baseline.format_table_name($1, 'q');
begin
    if cardinality($3) <> cardinality($2) then
        raise invalid_parameter_value using
            message = format('%s headers were given for %s messages', cardinality($3), cardinality($2)),
            hint = 'Give one element of headers for each message, or none at all.';
    end if;
    return query execute format(
        'with sent as (
             insert into baseline.%I (vt, message, headers)
             select $3, message, headers
             from unnest($1, $2) with ordinality as batch (message, headers, place)
             order by place
             returning msg_id)
         select msg_id from sent order by msg_id', waiting)
        using $2, $3, coalesce($4, clock_timestamp());
    if found then
        perform pg_notify('baseline.' || waiting || '.INSERT', '');
    end if;
end
$$;

create function baseline.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send_batch($1, $2, null::jsonb[], clock_timestamp());
end;

create function baseline.send_batch(queue_name text, msgs jsonb[], headers jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send_batch($1, $2, $3, clock_timestamp());
end;

create function baseline.send_batch(queue_name text, msgs jsonb[], delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send_batch($1, $2, null::jsonb[], clock_timestamp() + make_interval(secs => $3));
end;

create function baseline.send_batch(queue_name text, msgs jsonb[], delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send_batch($1, $2, null::jsonb[], $3);
end;

create function baseline.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer)
    returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send_batch($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;

create function baseline.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := baseline.format_table_name($1, 'q');
begin
    return query execute format(
        'insert into baseline.%I (vt, message, headers) values ($3, $1, $2) returning msg_id', waiting)
        using $2, $3, coalesce($4, clock_timestamp());
    perform pg_notify('baseline.' || waiting || '.INSERT', '');
end
$$;

create function baseline.send(queue_name text, msg jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send($1, $2, null::jsonb, clock_timestamp());
end;

create function baseline.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send($1, $2, $3, clock_timestamp());
end;

create function baseline.send(queue_name text, msg jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send($1, $2, null::jsonb, clock_timestamp() + make_interval(secs => $3));
end;

create function baseline.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send($1, $2, null::jsonb, $3);
end;

create function baseline.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select baseline.send($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;

create function baseline.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
    returns setof baseline.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with visible as (
             select q.msg_id
             from baseline.%1$I q
             where q.vt <= $1 and ($4 = ''{}'' or q.message @> $4)
             order by q.msg_id
             limit $3
             for update skip locked
         ), claimed as (
             update baseline.%1$I q
             set read_ct = q.read_ct + 1, last_read_at = $1, vt = clock_timestamp() + $2
             from visible
             where q.msg_id = visible.msg_id
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from claimed order by msg_id', baseline.format_table_name($1, 'q'))
        using clock_timestamp(), make_interval(secs => $2), $3, coalesce($4, '{}');
end
$$;

create function baseline.pop(queue_name text, qty integer default 1) returns setof baseline.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with visible as (
             select q.msg_id
             from baseline.%1$I q
             where q.vt <= $1
             order by q.msg_id
             limit $2
             for update skip locked
         ), popped as (
             delete from baseline.%1$I q
             using visible
             where q.msg_id = visible.msg_id
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from popped order by msg_id', baseline.format_table_name($1, 'q'))
        using clock_timestamp(), $2;
end
$$;

create function baseline.set_vt(queue_name text, msg_ids bigint[], vt integer) returns setof baseline.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with moved as (
             update baseline.%I q
             set vt = clock_timestamp() + $2
             where q.msg_id = any ($1)
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         )
         select * from moved order by msg_id', baseline.format_table_name($1, 'q'))
        using $2, make_interval(secs => $3);
end
$$;

create function baseline.set_vt(queue_name text, msg_id bigint, vt integer) returns setof baseline.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from baseline.set_vt($1, array[$2], $3);
end;

create function baseline.delete(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with gone as (delete from baseline.%I q where q.msg_id = any ($1) returning q.msg_id)
         select msg_id from gone order by msg_id', baseline.format_table_name($1, 'q'))
        using $2;
end
$$;

create function baseline.delete(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from baseline.delete($1, array[$2]);
end;

create function baseline.archive(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with gone as (
             delete from baseline.%I q
             where q.msg_id = any ($1)
             returning q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         ), kept as (
             insert into baseline.%I (msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers)
             select * from gone
         )
         select msg_id from gone order by msg_id',
        baseline.format_table_name($1, 'q'), baseline.format_table_name($1, 'a'))
        using $2;
end
$$;

create function baseline.archive(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from baseline.archive($1, array[$2]);
end;
