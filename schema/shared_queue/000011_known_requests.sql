-- Whether the bus knows requests: many at once, for who waits for their answers.
--
-- A publisher's unique key is the request_id, so keys know all that was published. What was sent without one is looked
-- for by its content, but only among each queue's and each archive's newest ten thousand: an id that nobody ever sent
-- must not cost a look at months of messages.

create function public.ids_in(relation text, request_ids text[]) returns setof text
    language plpgsql stable strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query execute format(
        'select id from (select message from pgmq.%I order by msg_id desc limit 10000) newest
            cross join lateral (values (message ->> ''request_id''), (message ->> ''id''), (message ->> ''query_id''))
                as of_message (id)
         where id = any ($1)', relation) using $2;
end
$$;
comment on function public.ids_in(text, text[]) is
    'Which of these ids the newest messages of a queue''s table or its archive bear.';

create function api.known_requests(request_ids text[]) returns setof text
    language plpgsql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    known text[];
    unknown text[];
    name text;
begin
    known := array(
        select k.key from pgmq.meta m
        join queue.unique_keys k on k.queue = lower(m.queue_name) and k.key = any ($1 collate "C"));
    for name in select m.queue_name from pgmq.meta m loop
        unknown := array(select unnest($1) except select unnest(known));
        exit when unknown = '{}';
        known := known
            || array(select public.ids_in(pgmq.format_table_name(name, 'q'), unknown))
            || array(select public.ids_in(pgmq.format_table_name(name, 'a'), unknown));
    end loop;
    return query select distinct unnest(known);
end
$$;
comment on function api.known_requests(text[]) is
    'Which of these requests are on the bus or were: by the keys of what was published, else among the newest messages.';
revoke execute on function public.ids_in(text, text[]), api.known_requests(text[]) from public;
grant execute on function api.known_requests(text[]) to console;
