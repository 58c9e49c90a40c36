-- Sending -----------------------------------------------------------------------------------------

-- The array form does the work; ids ascend in the order of the array. What notifies
-- listeners is the trigger of notify.sql, so that inserts by other programs do as well.
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz)
    returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
begin
    if cardinality($3) <> cardinality($2) then
        raise invalid_parameter_value using
            message = format('%s headers were given for %s messages', cardinality($3), cardinality($2)),
            hint = 'Give one element of headers for each message, or none at all.';
    end if;
    if coalesce(cardinality($2), 0) = 0 then
        return;
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
end
$$;
comment on function pgmq.send_batch(text, jsonb[], jsonb[], timestamptz) is
    'Sends messages with headers that become visible at a time.';

create function pgmq.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], clock_timestamp());
end;
comment on function pgmq.send_batch(text, jsonb[]) is
    'Sends messages and returns their ids in the order of the array.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[]) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, $3, clock_timestamp());
end;
comment on function pgmq.send_batch(text, jsonb[], jsonb[]) is 'Sends messages with a header for each.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], clock_timestamp() + make_interval(secs => $3));
end;
comment on function pgmq.send_batch(text, jsonb[], integer) is
    'Sends messages that become visible after delay seconds.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, null::jsonb[], $3);
end;
comment on function pgmq.send_batch(text, jsonb[], timestamptz) is
    'Sends messages that become visible at a time.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer)
    returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_batch($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;
comment on function pgmq.send_batch(text, jsonb[], jsonb[], integer) is
    'Sends messages with headers that become visible after delay seconds.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
begin
    return query execute format(
        'insert into pgmq.%I (vt, message, headers) values ($3, $1, $2) returning msg_id', waiting)
        using $2, $3, coalesce($4, clock_timestamp());
end
$$;
comment on function pgmq.send(text, jsonb, jsonb, timestamptz) is
    'Sends a message with headers that becomes visible at a time.';

create function pgmq.send(queue_name text, msg jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, clock_timestamp());
end;
comment on function pgmq.send(text, jsonb) is 'Sends a message and returns its id.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, $3, clock_timestamp());
end;
comment on function pgmq.send(text, jsonb, jsonb) is 'Sends a message with headers and returns its id.';

create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, clock_timestamp() + make_interval(secs => $3));
end;
comment on function pgmq.send(text, jsonb, integer) is
    'Sends a message that becomes visible after delay seconds.';

create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, null::jsonb, $3);
end;
comment on function pgmq.send(text, jsonb, timestamptz) is 'Sends a message that becomes visible at a time.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;
comment on function pgmq.send(text, jsonb, jsonb, integer) is
    'Sends a message with headers that becomes visible after delay seconds.';

