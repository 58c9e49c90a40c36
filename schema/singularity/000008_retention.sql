-- How long an instance keeps the record of what it sent and received.

create function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), sent as (
        delete from public.learning_sync_log where sent_at < clock_timestamp() - keep returning 1
    ), archived as (
        delete from pgmq."a_centralcloud-new-patterns" where archived_at < clock_timestamp() - keep returning 1
    )
    select (select count(*) from received) + (select count(*) from sent) + (select count(*) from archived);
end;
comment on function public.prune_history(interval) is
    'Deletes what is older in the inbox, the record of what was sent and the archive of the outbox; returns '
    'how many rows. What waits is never touched.';
revoke execute on function public.prune_history(interval) from public;
