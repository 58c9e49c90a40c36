-- Calls that people have written down elsewhere, beside pgmq's own. They run with their caller's rights.

create function pgmq.read(queue_name text, "limit" integer)
    returns table (msg_id bigint, read_ct integer, enqueued_at timestamptz, last_read_at timestamptz,
        vt timestamptz, message jsonb, headers jsonb, msg_body jsonb)
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select r.msg_id, r.read_ct, r.enqueued_at, r.last_read_at, r.vt, r.message, r.headers, r.message
    from pgmq.read($1, 30, $2) r;
end;
comment on function pgmq.read(text, integer) is
    'Claims up to so many messages for 30 seconds; the body is message, and msg_body once more.';

create function pgmq.queue_stats()
    returns table (queue_name text, msg_id bigint, enqueued_at timestamptz, vt timestamptz, read_ct integer)
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    waiting name;
begin
    for waiting in
        select c.relname from pg_class c
        where c.relnamespace = 'pgmq'::regnamespace and c.relname ~ '^q_' and c.relkind in ('r', 'p')
            and not c.relispartition and has_table_privilege(c.oid, 'select')
        order by c.relname
    loop
        return query execute format(
            'select $1, q.msg_id, q.enqueued_at, q.vt, q.read_ct from pgmq.%I q order by q.msg_id', waiting)
            using substr(waiting, 3);
    end loop;
end
$$;
comment on function pgmq.queue_stats() is 'Each message that waits in a queue that the caller may read.';

revoke execute on function pgmq.read(text, integer), pgmq.queue_stats() from public;
grant execute on function pgmq.read(text, integer), pgmq.queue_stats() to singularity, genesis, nexus;
