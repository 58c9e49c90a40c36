-- Names -------------------------------------------------------------------------------------------

create function pgmq.format_table_name(queue_name text, prefix text) returns text
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 is null or $2 is null then
        raise null_value_not_allowed using message = 'a queue name must not be null';
    end if;
    if $1 ~ '\$|;|--|''' then
        raise invalid_name using
            message = format('queue name "%s" is not allowed', $1),
            hint = 'A queue name holds none of $ ; -- and the single quote.';
    end if;
    return lower($2 || '_' || $1);
end
$$;
comment on function pgmq.format_table_name(text, text) is
    'The name of a queue''s table, unquoted: prefix q for waiting messages, a for archived ones.';

create function pgmq.validate_queue_name(queue_name text) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.format_table_name($1, 'q');
    if octet_length(lower($1)) not between 1 and 47 then
        raise invalid_name using
            message = format('queue name "%s" is not allowed', $1),
            hint = 'A queue name is 1 to 47 bytes long, so that the names of its tables and indexes fit.';
    end if;
end
$$;
comment on function pgmq.validate_queue_name(text) is 'Refuses a name that a queue cannot have.';

create function pgmq.acquire_queue_lock(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pg_advisory_xact_lock(hashtextextended('pgmq.' || pgmq.format_table_name($1, 'q'), 0));
end;
comment on function pgmq.acquire_queue_lock(text) is
    'Makes creators and droppers of one queue take turns until their transactions end.';

create function pgmq._fail_as_missing(queue_name text) returns void
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    registered boolean := has_table_privilege('pgmq.meta', 'select');
begin
    if registered then  -- else a look would be refused, whatever is asked beside it
        registered := exists (select from pgmq.meta m where lower(m.queue_name) = lower(queue._name_of($1)));
    end if;
    raise undefined_table using
        message = format(case when registered then 'the table of queue "%s" is gone' else 'queue "%s" does not exist' end, $1),
        hint = case when registered then 'Drop what is left of it: select pgmq.drop_queue(''name'').'
                    else 'Create it first: select pgmq.create(''name'').' end;
end
$$;
comment on function pgmq._fail_as_missing(text) is 'Raises undefined_table with a hint at what to do.';

-- The catalogue is asked in any case when the table's statement is parsed, so looking costs little.
create function pgmq._table_of(queue_name text, prefix text) returns text
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    table_name text := pgmq.format_table_name($1, $2);
begin
    if octet_length(table_name) <= 63 and to_regclass(format('pgmq.%I', table_name)) is not null then
        return table_name;
    end if;
    table_name := pgmq.format_table_name(queue._name_of($1), $2);
    if octet_length(table_name) > 63 or to_regclass(format('pgmq.%I', table_name)) is null then
        perform pgmq._fail_as_missing($1);
    end if;
    return table_name;
end
$$;
comment on function pgmq._table_of(text, text) is
    'As format_table_name, of the table of a queue or an alias; undefined_table with a hint if there is none.';

create function pgmq._registered_name(queue_name text) returns text
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    registered text;
begin
    perform pgmq.format_table_name($1, 'q');
    select m.queue_name into registered
    from pgmq.meta m
    where lower(m.queue_name) = lower(queue._name_of($1));
    if not found then
        perform pgmq._fail_as_missing($1);
    end if;
    return registered;
end
$$;
comment on function pgmq._registered_name(text) is
    'The name that a queue, or that of an alias, was given; undefined_table with a hint if there is no such queue.';

create function pgmq._may_look_at(queue_name text, is_unlogged boolean) returns boolean
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(
               has_table_privilege(to_regclass(format('pgmq.%I', pgmq.format_table_name($1, 'q'))), 'select'), false)
        and not ($2 and pg_is_in_recovery());
end;
comment on function pgmq._may_look_at(text, boolean) is
    'Whether a queue''s table is there, and the caller may read it; a standby has no unlogged ones.';
