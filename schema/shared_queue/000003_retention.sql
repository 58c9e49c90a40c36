-- How long the bus keeps what is done: in bounded batches, each a transaction of its own, so that pruning a
-- large archive holds no old snapshot and no lock for long.

create function public.prune_archive(queue_name text, keep interval, at_most integer) returns integer
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    pruned integer;
begin
    execute format(
        'delete from pgmq.%1$I
         where ctid = any (array(
             select a.ctid from pgmq.%1$I a
             where a.archived_at < clock_timestamp() - $1
             order by a.archived_at
             limit $2
             for update skip locked))', pgmq.format_table_name($1, 'a'))
        using $2, $3;
    get diagnostics pruned = row_count;
    return pruned;
end
$$;
comment on function public.prune_archive(text, interval, integer) is
    'Deletes the oldest of one archive''s messages that are too old; returns how many.';

-- Twice as long as any archive: a message that names a blob may wait before it is archived.
create function public.prune_blobs(at_most integer) returns integer
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    pruned integer;
begin
    delete from public.blobs
    where hash = any (array(
        select b.hash from public.blobs b
        where b.put_at < clock_timestamp() - 2 * (select max(p.keep) from public.queue_policies p)
        order by b.put_at
        limit $1
        for update skip locked));
    get diagnostics pruned = row_count;
    return pruned;
end
$$;
comment on function public.prune_blobs(integer) is 'Deletes blobs that no message can need any more; returns how many.';

create function public.prune_batch(at_most integer, inout pruned bigint, out more boolean) returns record
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    policy public.queue_policies;
    room integer := $1;
begin
    for policy in
        select p.* from public.queue_policies p join pgmq.meta m using (queue_name) order by queue_name
    loop
        exit when room <= 0;
        room := room - public.prune_archive(policy.queue_name, policy.keep, room);
    end loop;
    room := room - public.prune_blobs(room);
    pruned := pruned + ($1 - room);
    more := room <= 0;
end
$$;
comment on function public.prune_batch(integer, bigint) is
    'Deletes some of what is too old, adds how many, and tells whether there may be more.';

-- A procedure that commits cannot pin its search_path: it names everything and uses no operator.
create procedure public.prune_archives(inout pruned bigint default 0)
    language plpgsql
as $$
declare
    more boolean := true;
begin
    while more loop
        select b.pruned, b.more into pruned, more from public.prune_batch(10000, pruned) b;
        commit;
    end loop;
end
$$;
comment on procedure public.prune_archives(bigint) is
    'Deletes archived messages that are older than their queue keeps them, and blobs; ten thousand a transaction.';

revoke execute on function public.prune_archive(text, interval, integer), public.prune_blobs(integer),
    public.prune_batch(integer, bigint) from public;
revoke execute on procedure public.prune_archives(bigint) from public;
