-- pgmq.read('ai_results'), as people have written it down: by the queue's name alone it reads ten.

create or replace function pgmq.read(queue_name text, "limit" integer default 10)
    returns table (msg_id bigint, read_ct integer, enqueued_at timestamptz, last_read_at timestamptz,
        vt timestamptz, message jsonb, headers jsonb, msg_body jsonb)
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select r.msg_id, r.read_ct, r.enqueued_at, r.last_read_at, r.vt, r.message, r.headers, r.message
    from pgmq.read($1, 30, $2) r;
end;
