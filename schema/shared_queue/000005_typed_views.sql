-- The typed views: pgmq.<queue> of what waits and pgmq.<queue>_archive of what is done, with a column for each field.
--
-- Anybody who may send can send anything: a field that is not what it should be is null, never an error. The
-- time that counts is the row's enqueued_at, not the one in the message. A text that travels beside its message is
-- shown as if it were in it. Views run with the rights of whoever looks, who has the right on blob_text for that.

create function public.column_expression(kind text, value text) returns text
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select format(case $1
        when 'text' then $f$case jsonb_typeof(%1$s) when 'string' then %1$s #>> '{}'
            when 'object' then public.blob_text(%1$s) end$f$
        when 'whole' then $f$case when jsonb_typeof(%1$s) = 'number' then case
            when pg_input_is_valid(trim_scale((%1$s)::numeric)::text, 'bigint')
            then (%1$s)::numeric::bigint end end$f$
        when 'number' then $f$case when jsonb_typeof(%1$s) = 'number' then case
            when pg_input_is_valid(%1$s #>> '{}', 'double precision')
            then (%1$s #>> '{}')::double precision end end$f$
        when 'boolean' then $f$case jsonb_typeof(%1$s) when 'boolean' then (%1$s)::boolean end$f$
        when 'time' then $f$case when jsonb_typeof(%1$s) = 'string' and %1$s #>> '{}' ~ '^[0-9]{4}-' then case
            when pg_input_is_valid(%1$s #>> '{}', 'timestamptz')
            then (%1$s #>> '{}')::timestamptz end end$f$
        when 'any' then $f$nullif(%1$s, 'null')$f$
        else $f$case jsonb_typeof(%1$s) when $f$ || quote_literal($1) || $f$ then %1$s end$f$ end, $2);
end;
comment on function public.column_expression(text, text) is 'SQL that makes a column of a JSON value, or null.';

create function public.column_list(queue_name text) returns text
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(format('%s as %I', source.value, c.column_name), ', ' order by c.place)
    from public.message_columns c
    cross join lateral (
        select case cardinality(c.fields) when 1 then min(of_field.value)
            else format('coalesce(%s)', string_agg(format('nullif(%s, %L)', of_field.value, ''), ', ' order by f.place))
            end as value
        from unnest(c.fields) with ordinality as f (field, place)
        cross join lateral (
            select public.column_expression(c.kind, format('(r.message -> %L)', f.field)) as value) of_field) source
    where c.queue_name = $1;
end;
comment on function public.column_list(text) is 'The columns of a queue''s messages as SQL; null where none are known.';

create function public.make_view(view_name text, queue_name text, prefix text) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create view pgmq.%I with (security_invoker = true) as
         select r.msg_id, r.read_ct, r.enqueued_at, r.last_read_at, r.vt, %s r.message, r.headers,
             r.message as msg_body, %s
         from pgmq.%I r', $1, case $3 when 'a' then 'r.archived_at,' else '' end,
        public.column_list($2), pgmq.format_table_name($2, $3));
    execute format('comment on view pgmq.%I is %L', $1,
        format(case $3 when 'a' then 'Messages archived from queue %s, by their fields.'
                       else 'Messages that wait in queue %s, by their fields.' end, $2));
end
$$;
comment on function public.make_view(text, text, text) is
    'Makes a view of a queue''s waiting (q) or archived (a) messages.';

create function public.ensure_views(queue_name text, aliases text[], readers text[]) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    name text;
    reader text;
begin
    if public.column_list($1) is null then
        return;
    end if;
    foreach name in array $1 || $2 loop
        if to_regclass(format('pgmq.%I', name)) is null then
            perform public.make_view(name, $1, 'q');
        end if;
        if to_regclass(format('pgmq.%I', name || '_archive')) is null then
            perform public.make_view(name || '_archive', $1, 'a');
        end if;
        foreach reader in array $3 loop
            execute format('grant select on pgmq.%I to %I', name, reader);
        end loop;
    end loop;
end
$$;
comment on function public.ensure_views(text, text[], text[]) is
    'Makes the views of one queue, by its other names too, that are missing. Who reads the queue may look.';

revoke execute on function public.column_expression(text, text), public.column_list(text),
    public.make_view(text, text, text), public.ensure_views(text, text[], text[]) from public;
