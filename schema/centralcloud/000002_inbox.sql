-- What CentralCloud consumed, and what it could not take.

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

create table public.dead_messages (
    queue text not null,
    msg_id bigint not null,
    body jsonb,
    reason text not null,
    received_at timestamptz not null default clock_timestamp(),
    constraint dead_messages_pkey primary key (queue, msg_id)
);
comment on table public.dead_messages is
    'Messages that were refused, whole, with the reason: a person can send them back.';
comment on column public.dead_messages.msg_id is 'The message''s id in its queue in shared_queue.';
