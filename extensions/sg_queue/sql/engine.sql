-- The engine -------------------------------------------------------------------------------------

-- What pgmq has no name for. An index of each queue's messages in shared memory says what can be claimed; what
-- programs do to a queue's table with SQL of their own reaches it through a trigger.
create schema queue;
grant usage on schema queue to public;
comment on schema queue is 'What the queues of schema pgmq can do beyond pgmq.';

create function queue._notice() returns trigger
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_notice';
comment on function queue._notice() is 'Tells the engine which message SQL inserted, changed or deleted.';

create function queue._notice_changes(queue_table text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('create or replace trigger sg_queue_notice after insert or update or delete on pgmq.%I
                    for each row execute function queue._notice()', $1);
    execute format('alter table pgmq.%I enable always trigger sg_queue_notice', $1);
end
$$;
comment on function queue._notice_changes(text) is 'Puts the trigger that tells the engine on a queue.';

