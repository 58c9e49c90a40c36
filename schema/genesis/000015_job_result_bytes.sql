-- A job's streams in parts: who tells them to many, and to slow ones, need not hold the whole of any.

create function api.job_result_bytes(request_id text, stream text, from_byte bigint, at_most integer) returns bytea
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select substr(case when a.answer ->> ($2 || '_encoding') = 'base64' then decode(a.answer ->> $2, 'base64')
            else convert_to(a.answer ->> $2, 'UTF8') end, least($3, 1000000000)::integer + 1, $4)
    from (select i.result -> 0 as answer from public.inbox i where i.queue = 'job_requests' and i.request_id = $1) a
    where $2 in ('stdout', 'stderr');
end;
comment on function api.job_result_bytes(text, text, bigint, integer) is
    'A part of what a job that has ended wrote; null where it wrote nothing, or is not known.';
revoke execute on function api.job_result_bytes(text, text, bigint, integer) from public;
grant execute on function api.job_result_bytes(text, text, bigint, integer) to console;
