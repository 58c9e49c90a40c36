-- What CentralCloud consumed: a redelivered message is answered from here.

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
