-- How long Nexus keeps the record of what it consumed and sent.

create function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), carried as (
        delete from pgmq.a_outbox where archived_at < clock_timestamp() - keep returning 1
    )
    select (select count(*) from received) + (select count(*) from carried);
end;
comment on function public.prune_history(interval) is
    'Deletes what is older in the inbox and the archive of the outbox; returns how many rows.';
revoke execute on function public.prune_history(interval) from public;
