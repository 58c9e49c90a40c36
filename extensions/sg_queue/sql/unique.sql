-- Unique keys -------------------------------------------------------------------------------------

-- The header x-queue-unique-key makes a message unique in its queue: a row for each key that is remembered. The
-- engine writes them with the owner's rights, and nobody else has any. There is no foreign key to pgmq.meta: every
-- send would lock the queue's row there.
create table queue.unique_keys (
    queue text collate "C" not null,
    key text collate "C" not null,
    body_hash bytea not null,
    msg_id bigint,
    expires_at timestamptz not null,
    constraint unique_keys_pkey primary key (queue, key)
);
create index unique_keys_expires_at_idx on queue.unique_keys (expires_at);
comment on table queue.unique_keys is 'Keys of messages that are not sent twice, and until when.';
comment on column queue.unique_keys.queue is 'The queue''s name in lower case.';
comment on column queue.unique_keys.body_hash is 'SHA-256 of the message''s text; of nothing for null.';
comment on column queue.unique_keys.msg_id is 'The message that was sent first; null while SQL sends it.';
comment on column queue.unique_keys.expires_at is 'When the key is free again.';
select pg_catalog.pg_extension_config_dump('queue.unique_keys', '');

create function queue._forget_queue() returns trigger
    language plpgsql volatile security definer parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    delete from queue.unique_keys k where k.queue = lower(old.queue_name);
    return null;
end
$$;
comment on function queue._forget_queue() is 'Frees the keys of a queue that is dropped.';
revoke execute on function queue._forget_queue() from public;
create trigger forget_queue after delete on pgmq.meta for each row execute function queue._forget_queue();

create function queue.forget_keys(most integer default 10000) returns bigint
    language sql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    with gone as (
        delete from queue.unique_keys
        where ctid = any (array(
            select k.ctid from queue.unique_keys k where k.expires_at <= now()
            order by k.expires_at limit $1 for update skip locked))
        returning 1)
    select count(*) from gone;
end;
comment on function queue.forget_keys(integer) is
    'Deletes keys whose time is over, but for those that others hold, and tells how many.';
revoke execute on function queue.forget_keys(integer) from public;

