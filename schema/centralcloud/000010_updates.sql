-- What instances told of themselves: knowledge updates, as they came.

create table public.instance_updates (
    request_id text constraint instance_updates_pkey primary key,
    instance_id text not null,
    event_type text not null,
    patterns jsonb not null,
    insights jsonb not null,
    noted_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    constraint instance_updates_patterns_array check (jsonb_typeof(patterns) = 'array'),
    constraint instance_updates_insights_array check (jsonb_typeof(insights) = 'array')
);
comment on table public.instance_updates is 'One row for each message of queue centralcloud_updates.';
comment on column public.instance_updates.noted_at is 'The time that the instance gave; null where it gave none.';
create index instance_updates_instance_id on public.instance_updates (instance_id, received_at);
create index instance_updates_received_at on public.instance_updates (received_at);

create function public.accept_instance_update(message jsonb) returns boolean
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with stored as (
        insert into public.instance_updates (request_id, instance_id, event_type, patterns, insights, noted_at)
        values (message ->> 'request_id', message ->> 'instance_id', message ->> 'event_type',
            coalesce(message -> 'patterns', '[]'), coalesce(message -> 'insights', '[]'),
            case when pg_input_is_valid(message ->> 'timestamp', 'timestamptz')
                then (message ->> 'timestamp')::timestamptz end)
        on conflict on constraint instance_updates_pkey do nothing
        returning instance_id, event_type, request_id, jsonb_array_length(patterns) as patterns,
            jsonb_array_length(insights) as insights
    ), logged as (
        insert into central.sync_log (instance_id, operation, entity, detail)
        select instance_id, 'instance_update', event_type,
            jsonb_build_object('request_id', request_id, 'patterns', patterns, 'insights', insights)
        from stored
        returning 1
    )
    select exists (select from logged);
end;
comment on function public.accept_instance_update(jsonb) is
    'Stores what an instance told, once; false for a redelivery.';
revoke execute on function public.accept_instance_update(jsonb) from public;

create view api.instance_updates as
    select received_at, instance_id, event_type, patterns, insights, noted_at, request_id
    from public.instance_updates;
comment on view api.instance_updates is 'What instances told of themselves.';
grant select on api.instance_updates to console;
