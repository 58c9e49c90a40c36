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

create function queue.depth(queue_name text, out messages bigint, out ready bigint) returns setof record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_depth';
comment on function queue.depth(text) is
    'How many messages a queue has, and how many could be read now; counted from its index, not its table.';

create function queue.check(queue_name text) returns bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_check';
comment on function queue.check(text) is
    'Compares a queue''s index with its table, mends it, and tells how many messages were wrong.';

create procedure queue.wait(queues text[], timeout double precision, inout woken text default null)
    language c as 'sg_queue', 'sg_queue_wait';
comment on procedure queue.wait(text[], double precision, text) is
    'Sleeps up to timeout seconds until one of the queues has a message; woken is its name, or null.';

create function queue.peek(queue_name text, qty integer default 10, after bigint default 0)
    returns setof pgmq.message_record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'select q.msg_id, q.read_ct, q.enqueued_at, q.last_read_at, q.vt, q.message, q.headers
         from pgmq.%I q where q.msg_id > $1 order by q.msg_id limit $2', pgmq._table_of($1, 'q'))
        using $3, $2;
end
$$;
comment on function queue.peek(text, integer, bigint) is
    'Messages as they are, hidden ones too, without claiming them: by id, those after one.';

create function queue.depths(out queue_name text, out messages bigint, out ready bigint) returns setof record
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    is_unlogged boolean;
begin
    for queue_name, is_unlogged in
        select m.queue_name, m.is_unlogged from pgmq.meta m order by m.queue_name
    loop
        continue when not pgmq._may_look_at(queue_name, is_unlogged);
        select d.messages, d.ready into messages, ready from queue.depth(queue_name) d;
        return next;
    end loop;
end
$$;
comment on function queue.depths() is
    'The depth of every queue that the caller may read; on a standby not of unlogged ones, which it has not.';

