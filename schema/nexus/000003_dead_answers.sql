-- Which requests have an answer that could not be carried to the bus, and that nobody has sent back since.
--
-- The bus knows the request and nothing of its answer: who asks it alone waits for ever. Asked again and again for who
-- waits, so it looks at the newest ten thousand letters alone.

create function api.dead_requests(request_ids text[])
    returns table (request_id text, queue_name text, reason text, attempts integer, died_at timestamptz)
    language plpgsql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    with letter as (
        (select d.message, d.headers, d.enqueued_at, false as is_archived
         from pgmq.q_dead_letters d order by d.msg_id desc limit 10000)
        union all
        (select d.message, d.headers, d.enqueued_at, true
         from pgmq.a_dead_letters d order by d.msg_id desc limit 10000)
    ), answer as (
        select l.message ->> 'request_id' as id, l.headers -> 'x-queue-dead' as death,
            l.headers ->> 'x-outbox-queue' as sent_to, l.enqueued_at, l.is_archived
        from letter l
        where l.message ->> 'request_id' in (select unnest($1))
    )
    select distinct on (a.id) a.id, a.death ->> 'queue', a.death ->> 'reason',
        case when pg_input_is_valid(a.death ->> 'attempts', 'integer') then (a.death ->> 'attempts')::integer end,
        a.enqueued_at
    from answer a
    where not a.is_archived or not exists (
        select from (
            (select o.message, o.headers from pgmq.q_outbox o order by o.msg_id desc limit 10000)
            union all
            (select o.message, o.headers from pgmq.a_outbox o order by o.msg_id desc limit 10000)) sent
        where sent.message ->> 'request_id' = a.id and sent.headers ->> 'x-outbox-queue' is not distinct from a.sent_to)
    order by a.id, a.enqueued_at desc;
end
$$;
comment on function api.dead_requests(text[]) is
    'Which of these requests have an answer that could not be carried to the bus and was not sent back: when and why.';
revoke execute on function api.dead_requests(text[]) from public;
grant execute on function api.dead_requests(text[]) to console;
