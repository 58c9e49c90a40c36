-- Topics ------------------------------------------------------------------------------------------

-- A pattern bound to a queue decides which routing keys reach it: segments between dots, * for one
-- segment, # for any text, dots and all. A message reaches a queue once, however many patterns match.

create function pgmq._check_topic(kind text, value text, allowed text, hint text) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $2 is null or length($2) not between 1 and 255 or $2 !~ $3 then
        raise invalid_parameter_value using
            message = format('%s %s is not allowed', $1, coalesce('"' || left($2, 300) || '"', 'null')),
            hint = $4;
    end if;
end
$$;
comment on function pgmq._check_topic(text, text, text, text) is
    'Refuses a routing key or pattern that is null, empty, too long or does not match allowed.';

create function pgmq.validate_routing_key(routing_key text) returns boolean
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq._check_topic('routing key', $1, '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$',
        'Up to 255 letters, digits, hyphens and underscores in segments between single dots.');
    return true;
end
$$;
comment on function pgmq.validate_routing_key(text) is 'True, or an error that says what is wrong.';

create function pgmq.validate_topic_pattern(pattern text) returns boolean
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq._check_topic('topic pattern', $1,
        '^(?!.*[*#]{2})[A-Za-z0-9_*#-]+(\.[A-Za-z0-9_*#-]+)*$',
        'Up to 255 letters, digits, hyphens, underscores and wildcards, never two wildcards side by side, '
        'in segments between single dots.');
    return true;
end
$$;
comment on function pgmq.validate_topic_pattern(text) is 'True, or an error that says what is wrong.';

create function pgmq.bind_topic(pattern text, queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.validate_topic_pattern($1), pgmq.acquire_queue_lock(queue._name_of($2));
    insert into pgmq.topic_bindings (pattern, queue_name)
    values ($1, pgmq._registered_name($2))
    on conflict on constraint topic_bindings_pkey do nothing;
end
$$;
comment on function pgmq.bind_topic(text, text) is
    'Sends messages whose routing key matches a pattern to a queue; bound already is no error.';

create function pgmq.unbind_topic(pattern text, queue_name text) returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.validate_topic_pattern($1), pgmq.format_table_name($2, 'q');
    delete from pgmq.topic_bindings b where b.pattern = $1 and lower(b.queue_name) = lower(queue._name_of($2));
    return found;
end
$$;
comment on function pgmq.unbind_topic(text, text) is 'Undoes bind_topic; false if nothing was bound.';

create function pgmq.test_routing(routing_key text)
    returns table (pattern text, queue_name text, compiled_regex text)
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.validate_routing_key($1);
    return query
        select b.pattern, b.queue_name::text, b.compiled_regex
        from pgmq.topic_bindings b
        where $1 ~ b.compiled_regex
        order by b.pattern, b.queue_name;
end
$$;
comment on function pgmq.test_routing(text) is 'The bindings that a routing key matches; sends nothing.';

create function pgmq.list_topic_bindings()
    returns table (pattern text, queue_name text, bound_at timestamptz, compiled_regex text)
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select b.pattern, b.queue_name, b.bound_at, b.compiled_regex
    from pgmq.topic_bindings b
    order by b.bound_at desc, b.pattern, b.queue_name;
end;
comment on function pgmq.list_topic_bindings() is 'All bindings, the latest first.';

create function pgmq.list_topic_bindings(queue_name text)
    returns table (pattern text, queue_name text, bound_at timestamptz, compiled_regex text)
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.format_table_name($1, 'q');
    select b.*
    from pgmq.list_topic_bindings() b
    where lower(b.queue_name) = lower(queue._name_of($1));
end;
comment on function pgmq.list_topic_bindings(text) is 'The bindings of one queue, the latest first.';

create function pgmq._matching_queues(routing_key text) returns setof text
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select distinct r.queue_name from pgmq.test_routing($1) r order by r.queue_name;
end;
comment on function pgmq._matching_queues(text) is
    'The queues of a routing key, each once and always in the same order.';

create function pgmq.send_topic(routing_key text, msg jsonb, headers jsonb, delay integer) returns integer
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq._check_delay($4);
    return (
        select count(sent)::integer
        from pgmq._matching_queues($1) queue
        cross join lateral pgmq.send(queue, $2, $3, $4) sent);
end
$$;
comment on function pgmq.send_topic(text, jsonb, jsonb, integer) is
    'Sends a message to every queue that its routing key matches and returns how many these were.';

create function pgmq._check_delay(delay integer) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 is null or $1 < 0 then
        raise invalid_parameter_value using
            message = format('delay must not be %s', coalesce($1::text, 'null')),
            hint = 'Give seconds from now, 0 for none.';
    end if;
end
$$;
comment on function pgmq._check_delay(integer) is 'Refuses a delay that is null or negative.';

create function pgmq.send_topic(routing_key text, msg jsonb) returns integer
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_topic($1, $2, null, 0);
end;
comment on function pgmq.send_topic(text, jsonb) is 'Sends a message by its routing key.';

create function pgmq.send_topic(routing_key text, msg jsonb, delay integer) returns integer
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq.send_topic($1, $2, null, $3);
end;
comment on function pgmq.send_topic(text, jsonb, integer) is
    'Sends a message by its routing key; it becomes visible after delay seconds.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[], headers jsonb[], delay timestamptz)
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select queue, sent
    from pgmq._matching_queues($1) queue
    cross join lateral pgmq.send_batch(queue, $2, $3, $4) sent;
end;
comment on function pgmq.send_batch_topic(text, jsonb[], jsonb[], timestamptz) is
    'Sends messages with headers to every queue that the routing key matches, visible at a time.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[])
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.send_batch_topic($1, $2, null::jsonb[], clock_timestamp());
end;
comment on function pgmq.send_batch_topic(text, jsonb[]) is 'Sends messages by their routing key.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[], headers jsonb[])
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.send_batch_topic($1, $2, $3, clock_timestamp());
end;
comment on function pgmq.send_batch_topic(text, jsonb[], jsonb[]) is
    'Sends messages with a header for each by their routing key.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[], delay integer)
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select *
    from pgmq.send_batch_topic($1, $2, null::jsonb[], clock_timestamp() + make_interval(secs => $3));
end;
comment on function pgmq.send_batch_topic(text, jsonb[], integer) is
    'Sends messages by their routing key; they become visible after delay seconds.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[], delay timestamptz)
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.send_batch_topic($1, $2, null::jsonb[], $3);
end;
comment on function pgmq.send_batch_topic(text, jsonb[], timestamptz) is
    'Sends messages by their routing key; they become visible at a time.';

create function pgmq.send_batch_topic(routing_key text, msgs jsonb[], headers jsonb[], delay integer)
    returns table (queue_name text, msg_id bigint)
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.send_batch_topic($1, $2, $3, clock_timestamp() + make_interval(secs => $4));
end;
comment on function pgmq.send_batch_topic(text, jsonb[], jsonb[], integer) is
    'Sends messages with headers by their routing key; they become visible after delay seconds.';

