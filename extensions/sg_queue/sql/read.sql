-- Reading -----------------------------------------------------------------------------------------

create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_read';
comment on function pgmq.read(text, integer, integer, jsonb) is
    'Claims up to qty visible messages for vt seconds, lowest id first, of those that contain conditional.';

create function pgmq.read_with_poll(queue_name text, vt integer, qty integer,
    max_poll_seconds integer default 5, poll_interval_ms integer default 100, conditional jsonb default '{}')
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_read_with_poll';
comment on function pgmq.read_with_poll(text, integer, integer, integer, integer, jsonb) is
    'As read, but waits up to max_poll_seconds for a message.';

create function pgmq.pop(queue_name text, qty integer default 1) returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_pop';
comment on function pgmq.pop(text, integer) is 'Removes up to qty visible messages and returns them.';

-- Moving a message's time: the array form with a time does the work, and what was read is not counted
-- again. Clients that send parameters without types get the forms in text, which decide by the value.
create function pgmq.set_vt(queue_name text, msg_ids bigint[], vt timestamptz)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_set_vt';
comment on function pgmq.set_vt(text, bigint[], timestamptz) is
    'Makes messages visible at a time; returns those that exist.';

create function pgmq.set_vt(queue_name text, msg_ids bigint[], vt integer) returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_set_vt';
comment on function pgmq.set_vt(text, bigint[], integer) is
    'Makes messages visible vt seconds from now; returns those that exist.';

create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_set_vt';
comment on function pgmq.set_vt(text, bigint, integer) is 'Makes a message visible vt seconds from now.';

create function pgmq.set_vt(queue_name text, msg_id bigint, vt timestamptz)
    returns setof pgmq.message_record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_set_vt';
comment on function pgmq.set_vt(text, bigint, timestamptz) is 'Makes a message visible at a time.';

create function pgmq._ids_in_text(ids text) returns bigint[]
    language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case when $1 ~ '^\s*\{' then $1::bigint[] else array[$1::bigint] end;
end;
comment on function pgmq._ids_in_text(text) is 'One id, or an array of them, as a client wrote it.';

create function pgmq._time_in_text(vt text) returns timestamptz
    language sql volatile strict parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when $1 ~ '^\s*[-+]?\d+\s*$' then clock_timestamp() + make_interval(secs => $1::integer)
        else $1::timestamptz
    end;
end;
comment on function pgmq._time_in_text(text) is 'Seconds from now, or a time, as a client wrote it.';

create function pgmq.set_vt(queue_name text, msg_id text, vt text) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, pgmq._ids_in_text($2), pgmq._time_in_text($3));
end;
comment on function pgmq.set_vt(text, text, text) is
    'For parameters without types: one id or an array, seconds or a time.';

create function pgmq.set_vt(queue_name text, msg_id bigint, vt text) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, array[$2], pgmq._time_in_text($3));
end;
comment on function pgmq.set_vt(text, bigint, text) is 'For a vt without a type: seconds or a time.';

create function pgmq.set_vt(queue_name text, msg_ids bigint[], vt text) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, $2, pgmq._time_in_text($3));
end;
comment on function pgmq.set_vt(text, bigint[], text) is 'For a vt without a type: seconds or a time.';

create function pgmq.set_vt(queue_name text, msg_id text, vt integer) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, pgmq._ids_in_text($2), clock_timestamp() + make_interval(secs => $3));
end;
comment on function pgmq.set_vt(text, text, integer) is 'For ids without a type: one id or an array.';

create function pgmq.set_vt(queue_name text, msg_id text, vt timestamptz) returns setof pgmq.message_record
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.set_vt($1, pgmq._ids_in_text($2), $3);
end;
comment on function pgmq.set_vt(text, text, timestamptz) is 'For ids without a type: one id or an array.';

