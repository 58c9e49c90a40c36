-- Nexus begins with what every database has: a schema for people, and the record of what it consumed.

create schema api;
comment on schema api is 'Views and functions for people: what the console, /metrics and role console read.';
grant usage on schema api to console;

create table public.inbox (
    queue text not null,
    request_id text not null,
    received_at timestamptz not null default clock_timestamp(),
    result jsonb,
    constraint inbox_pkey primary key (queue, request_id)
);
comment on table public.inbox is
    'Messages that took effect here: a redelivery finds its result instead of a second effect.';
comment on column public.inbox.result is 'What the first delivery led to; null while it is being handled.';

create view api.consumed as
    select queue, count(*) as messages, max(received_at) as last_received_at
    from public.inbox
    group by queue;
comment on view api.consumed is 'How many messages of each queue took effect, and when the last one came.';
grant select on api.consumed to console;
