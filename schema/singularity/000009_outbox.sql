-- What any transaction here may have sent to the bus: the queue "outbox", whose messages name their way.
--
-- A message is committed with the row that causes it, and carried by the relay afterwards. Claims on it are the
-- relay's alone and need not survive a crash: sending it again has no second effect.

select pgmq.create('outbox');
select queue.configure('outbox', '{"memory_claims": true}');
select pgmq.create('dead_letters');

create function public.put_in_outbox(queue_name text, message jsonb) returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return sent.id
    from pgmq.send('outbox', message, jsonb_build_object('x-outbox-queue', queue_name)) as sent (id);
end
$$;
comment on function public.put_in_outbox(text, jsonb) is
    'Has a message sent to a queue of the bus once this transaction is committed; returns its id in the outbox.';
revoke execute on function public.put_in_outbox(text, jsonb) from public;

create or replace view public.outbox as
    select 'centralcloud-new-patterns' as local_queue, msg_id, message ->> 'request_id' as request_id,
        enqueued_at, read_ct, vt, message, 'pattern_discoveries_published' as shared_queue
    from pgmq."q_centralcloud-new-patterns"
    union all
    select 'outbox', msg_id, message ->> 'request_id', enqueued_at, read_ct, vt, message,
        headers ->> 'x-outbox-queue'
    from pgmq.q_outbox;
comment on view public.outbox is 'What waits to be carried to the shared queue, and to which queue there.';
