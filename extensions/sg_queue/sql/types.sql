-- sg_queue: durable queues in tables, under the names and result shapes of pgmq 1.13.
--
-- A queue NAME is a table pgmq.q_<name> of waiting messages, a table pgmq.a_<name> of archived ones and
-- a row in pgmq.meta. Table names are folded to lower case, meta keeps the name as it was given. A
-- message is visible once its vt (visibility timeout) has passed; reading it sets vt into the future,
-- so that it comes back unless its reader deletes or archives it in time.
--
-- Every function runs with its caller's rights: who may send, read or create is decided by grants on
-- the queue's tables and on schema pgmq. docs/queue.md has the interface, the rights and the examples.
\echo Use "create extension sg_queue" to load this file. \quit

-- Types and tables --------------------------------------------------------------------------------

comment on schema pgmq is 'Durable message queues, with the interface of pgmq 1.13.';

create table pgmq.meta (
    queue_name varchar not null constraint meta_queue_name_key unique,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
);
create unique index meta_folded_name_key on pgmq.meta (lower(queue_name));
comment on table pgmq.meta is 'The queues of this database, under the names that they were given.';
comment on column pgmq.meta.is_unlogged is 'Waiting messages do not survive a crash of the server.';

-- Logged, unlike a cache: after a crash, what was throttled still is, and nothing falls silent.
create table pgmq.notify_insert_throttle (
    queue_name varchar not null
        constraint notify_insert_throttle_pkey primary key
        constraint notify_insert_throttle_queue_fkey references pgmq.meta (queue_name) on delete cascade,
    throttle_interval_ms integer not null default 0
        constraint notify_insert_throttle_interval_check check (throttle_interval_ms >= 0),
    last_notified_at timestamptz not null default to_timestamp(0)
);
comment on table pgmq.notify_insert_throttle is 'Queues whose listeners are notified at most so often.';
comment on column pgmq.notify_insert_throttle.throttle_interval_ms is '0: by every commit that sends.';

create table pgmq.topic_bindings (
    pattern text not null,
    queue_name varchar not null
        constraint topic_bindings_queue_fkey references pgmq.meta (queue_name) on delete cascade,
    bound_at timestamptz not null default now(),
    compiled_regex text not null generated always as
        ('^' || replace(replace(replace(pattern, '.', '\.'), '*', '[^.]+'), '#', '.*') || '$') stored,
    constraint topic_bindings_pkey primary key (pattern, queue_name)
);
create index topic_bindings_queue_name_idx on pgmq.topic_bindings (queue_name);
comment on table pgmq.topic_bindings is 'Which queues get the messages of which routing keys.';
comment on column pgmq.topic_bindings.pattern is 'Segments between dots: * is one segment, # any text.';
comment on column pgmq.topic_bindings.compiled_regex is 'What a routing key must match.';

grant usage on schema pgmq to pg_monitor;
grant select on pgmq.meta, pgmq.notify_insert_throttle, pgmq.topic_bindings to pg_monitor;
select pg_catalog.pg_extension_config_dump('pgmq.meta', '');
select pg_catalog.pg_extension_config_dump('pgmq.notify_insert_throttle', '');
select pg_catalog.pg_extension_config_dump('pgmq.topic_bindings', '');

create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, last_read_at timestamptz, vt timestamptz,
    message jsonb, headers jsonb
);
comment on type pgmq.message_record is 'A message as readers get it.';

create type pgmq.queue_record as (
    queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);
comment on type pgmq.queue_record is 'A queue as list_queues tells it.';

create type pgmq.metrics_result as (
    queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer,
    total_messages bigint, scrape_time timestamptz, queue_visible_length bigint,
    default_partition_length bigint
);
comment on type pgmq.metrics_result is 'How full a queue is, and how old its messages are.';

