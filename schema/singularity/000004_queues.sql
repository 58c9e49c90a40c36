-- What leaves this instance and what reaches it: the outbox in local queues, the record of what was sent,
-- the inbox. A message is queued in the transaction that causes it; the relay carries it to the shared queue.

select pgmq.create('centralcloud-new-patterns');

create table public.outbox_routes (
    local_queue text constraint outbox_routes_pkey primary key,
    shared_queue text not null
);
comment on table public.outbox_routes is 'To which queue of shared_queue the relay carries each local queue.';
insert into public.outbox_routes (local_queue, shared_queue)
values ('centralcloud-new-patterns', 'pattern_discoveries_published');

create view public.outbox as
    select 'centralcloud-new-patterns' as local_queue, msg_id, message ->> 'request_id' as request_id,
        enqueued_at, read_ct, vt, message
    from pgmq."q_centralcloud-new-patterns";
comment on view public.outbox is 'What waits to be carried to the shared queue.';

create table public.learning_sync_log (
    id public.ulid not null default public.gen_monotonic_ulid(),
    queue text not null,
    request_id text not null,
    name text not null,
    ecosystem text not null,
    revision integer not null,
    local_msg_id bigint not null,
    shared_msg_id bigint not null,
    sent_at timestamptz not null default clock_timestamp(),
    constraint learning_sync_log_pkey primary key (id),
    constraint learning_sync_log_request_id_key unique (request_id)
);
comment on table public.learning_sync_log is
    'Every revision of a pattern that the relay sent; what is queued and not sent is in the outbox.';
comment on column public.learning_sync_log.queue is 'The queue in shared_queue.';
comment on column public.learning_sync_log.local_msg_id is
    'Its id in the local queue, where it is archived now.';
comment on column public.learning_sync_log.shared_msg_id is 'Its id in the shared queue.';
create index learning_sync_log_pattern on public.learning_sync_log (name, ecosystem, revision);

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
