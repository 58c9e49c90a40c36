-- Which requests wait here to be sent: the bus knows nothing of them yet.

create function api.unsent_requests(request_ids text[]) returns setof text
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select distinct o.request_id from public.outbox o where o.request_id = any (request_ids);
end;
comment on function api.unsent_requests(text[]) is 'Which of these requests are committed here and not yet on the bus.';
revoke execute on function api.unsent_requests(text[]) from public;
grant execute on function api.unsent_requests(text[]) to console;
