-- How long CentralCloud keeps the record of what it consumed. Refused messages wait for a person instead.

create function public.prune_history(keep interval default '90 days') returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with received as (
        delete from public.inbox where received_at < clock_timestamp() - keep returning 1
    ), logged as (
        delete from central.sync_log where synced_at < clock_timestamp() - keep returning 1
    )
    select (select count(*) from received) + (select count(*) from logged);
end;
comment on function public.prune_history(interval) is
    'Deletes what is older in the inbox and the sync log; returns how many rows. A message that came again '
    'later than that would be news, and its revision says whether it is.';
revoke execute on function public.prune_history(interval) from public;
