-- Finishing ---------------------------------------------------------------------------------------

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'with gone as (delete from pgmq.%I q where q.msg_id = any ($1) returning q.msg_id)
         select msg_id from gone order by msg_id', pgmq._table_of($1, 'q'))
        using $2;
end
$$;
comment on function pgmq.delete(text, bigint[]) is 'Deletes messages and returns the ids that were there.';

create function pgmq.delete(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from pgmq.delete($1, array[$2]);
end;
comment on function pgmq.delete(text, bigint) is 'Deletes a message; false if there is none.';

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
        pgmq._table_of($1, 'q'), pgmq._table_of($1, 'a'))
        using $2;
end
$$;
comment on function pgmq.archive(text, bigint[]) is
    'Moves messages to the archive and returns the ids that were there.';

create function pgmq.archive(queue_name text, msg_id bigint) returns boolean
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) > 0 from pgmq.archive($1, array[$2]);
end;
comment on function pgmq.archive(text, bigint) is 'Moves a message to the archive; false if there is none.';

