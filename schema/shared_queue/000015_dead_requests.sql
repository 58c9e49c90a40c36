-- Which requests came to nothing: they, or their answers, are dead letters that nobody has sent back.
--
-- Asked again and again for who waits, so it looks at the newest ten thousand letters alone, as api.known_requests.

create function public.letters_about(relation text, request_ids text[])
    returns table (request_id text, queue_name text, reason text, attempts integer, died_at timestamptz)
    language plpgsql stable parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass(format('pgmq.%I', relation)) is null then
        return;
    end if;
    return query execute format(
        'select id, letter.headers #>> ''{x-queue-dead,queue}'', letter.headers #>> ''{x-queue-dead,reason}'',
            case when pg_input_is_valid(letter.headers #>> ''{x-queue-dead,attempts}'', ''integer'')
                then (letter.headers #>> ''{x-queue-dead,attempts}'')::integer end,
            letter.enqueued_at
         from (select message, headers, enqueued_at from pgmq.%I order by msg_id desc limit 10000) letter
            cross join lateral (
                values (coalesce(nullif(message ->> ''request_id'', ''''), nullif(message ->> ''id'', ''''),
                                  message ->> ''query_id''))) as of_message (id)
         where id in (select unnest($1))', relation) using $2;
end
$$;
comment on function public.letters_about(text, text[]) is
    'The newest letters about these requests, in the table of the dead letters or their archive.';

-- A letter that was sent back is archived as one that was discarded is, but its message is in its queue again, or in
-- that queue's archive.
create function public.was_sent_back(queue_name text, request_id text) returns boolean
    language plpgsql stable parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    archive constant text := pgmq.format_table_name($1, 'a');
begin
    return to_regclass(format('pgmq.%I', waiting)) is not null
        and (exists (select from public.ids_in(waiting, array[$2])) or exists (select from public.ids_in(archive, array[$2])));
end
$$;
comment on function public.was_sent_back(text, text) is 'Whether a request that died in a queue was given to it again.';

create function api.dead_requests(request_ids text[])
    returns table (request_id text, queue_name text, reason text, attempts integer, died_at timestamptz)
    language sql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select distinct on (l.request_id) l.request_id, l.queue_name, l.reason, l.attempts, l.died_at
    from (
        select w.* from public.letters_about('q_dead_letters', $1) w
        union all
        select a.* from public.letters_about('a_dead_letters', $1) a
        where a.queue_name is null or not public.was_sent_back(a.queue_name, a.request_id)
    ) l
    order by l.request_id, l.died_at desc;
end;
comment on function api.dead_requests(text[]) is
    'Which of these requests, or of their answers, died and were not sent back: where, when and why.';
revoke execute on function public.letters_about(text, text[]), public.was_sent_back(text, text),
    api.dead_requests(text[]) from public;
grant execute on function api.dead_requests(text[]) to console;
