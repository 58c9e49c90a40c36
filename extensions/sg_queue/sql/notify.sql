-- Notifying listeners -----------------------------------------------------------------------------

-- enable_notify_insert makes a queue notify channel pgmq.q_<name>.INSERT, with an empty payload, by commits
-- that send; its interval is a row of notify_insert_throttle. disable_notify_insert takes row and trigger away.
-- A row that somebody deleted throttles nothing. No queue notifies unasked: the server lets but one transaction
-- that notifies commit at a time.
--
-- A sender never waits for the throttle's row. Whoever finds the interval over and the row locked rings
-- too: the other's transaction may still roll back. The mark is left alone where writing it could fail a
-- sender: without the right to, and in the stricter isolation levels.
create function pgmq._may_ring(queue_table text) returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    throttle pgmq.notify_insert_throttle;
begin
    if not has_table_privilege('pgmq.notify_insert_throttle', 'select') then
        return true;
    end if;
    select t.* into throttle from pgmq.notify_insert_throttle t where 'q_' || lower(t.queue_name) = $1;
    if not found or throttle.throttle_interval_ms = 0 then
        return true;
    elsif clock_timestamp() < throttle.last_notified_at
                              + make_interval(secs => throttle.throttle_interval_ms / 1000.0) then
        return false;
    elsif current_setting('transaction_isolation') <> 'read committed'
          or not has_column_privilege('pgmq.notify_insert_throttle', 'last_notified_at', 'update') then
        return true;
    end if;
    perform from pgmq.notify_insert_throttle t
    where t.queue_name = throttle.queue_name and t.last_notified_at = throttle.last_notified_at
    for no key update skip locked;
    if found then
        update pgmq.notify_insert_throttle t
        set last_notified_at = clock_timestamp()
        where t.queue_name = throttle.queue_name;
        return true;
    end if;
    return not exists (
        select from pgmq.notify_insert_throttle t
        where t.queue_name = throttle.queue_name and t.last_notified_at > throttle.last_notified_at);
end
$$;
comment on function pgmq._may_ring(text) is
    'Whether a commit that inserts into this table now notifies; notes that it does.';

create function pgmq.notify_queue_listeners() returns trigger
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_nargs = 0 or pgmq._may_ring(tg_table_name) then
        perform pg_notify('pgmq.' || tg_table_name || '.INSERT', '');
    end if;
    return null;
end
$$;
comment on function pgmq.notify_queue_listeners() is
    'Notifies a queue''s listeners once a statement; with an argument, as the throttle allows.';

create function pgmq._notify_on_insert(queue_table text, throttled boolean default false) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create or replace trigger notify_insert after insert on pgmq.%I
         for each statement execute function pgmq.notify_queue_listeners(%s)',
        $1, case when $2 then '''throttled''' else '' end);
end
$$;
comment on function pgmq._notify_on_insert(text, boolean) is 'Puts the trigger that notifies on a queue.';

create function pgmq.enable_notify_insert(queue_name text, throttle_interval_ms integer default 250)
    returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    registered text;
begin
    perform pgmq._check_throttle($2), pgmq.acquire_queue_lock(queue._name_of($1));
    registered := pgmq._registered_name($1);
    insert into pgmq.notify_insert_throttle (queue_name, throttle_interval_ms)
    values (registered, $2)
    on conflict on constraint notify_insert_throttle_pkey do update
    set throttle_interval_ms = excluded.throttle_interval_ms, last_notified_at = to_timestamp(0);
    perform pgmq._notify_on_insert(pgmq.format_table_name(registered, 'q'), $2 > 0);
end
$$;
comment on function pgmq.enable_notify_insert(text, integer) is
    'Notifies listeners of a queue, at most once in throttle_interval_ms; 0 is by every commit that sends.';

create function pgmq._check_throttle(throttle_interval_ms integer) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 is null or $1 < 0 then
        raise invalid_parameter_value using
            message = format('throttle_interval_ms must not be %s', coalesce($1::text, 'null')),
            hint = 'Give milliseconds; 0 notifies by every commit that sends.';
    end if;
end
$$;
comment on function pgmq._check_throttle(integer) is 'Refuses an interval that is null or negative.';

create function pgmq.update_notify_insert(queue_name text, throttle_interval_ms integer) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    registered constant text := pgmq._registered_name($1);
begin
    perform pgmq._check_throttle($2);
    update pgmq.notify_insert_throttle t
    set throttle_interval_ms = $2, last_notified_at = to_timestamp(0)
    where t.queue_name = registered;
    if not found then
        raise undefined_object using
            message = format('queue "%s" has no throttle', $1),
            hint = 'Call pgmq.enable_notify_insert first.';
    end if;
    perform pgmq._notify_on_insert(pgmq.format_table_name(registered, 'q'), $2 > 0);
end
$$;
comment on function pgmq.update_notify_insert(text, integer) is
    'Changes the interval of a queue''s throttle.';

create function pgmq.disable_notify_insert(queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    registered constant text := pgmq._registered_name($1);
    waiting constant text := pgmq.format_table_name(registered, 'q');
begin
    delete from pgmq.notify_insert_throttle t where t.queue_name = registered;
    if exists (select from pg_trigger
               where tgrelid = format('pgmq.%I', waiting)::regclass and tgname = 'notify_insert') then
        execute format('drop trigger notify_insert on pgmq.%I', waiting);
    end if;
end
$$;
comment on function pgmq.disable_notify_insert(text) is 'Notifies listeners of a queue no more.';

create function pgmq.list_notify_insert_throttles()
    returns table (queue_name text, throttle_interval_ms integer, last_notified_at timestamptz)
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select t.queue_name, t.throttle_interval_ms, t.last_notified_at
    from pgmq.notify_insert_throttle t
    order by t.queue_name;
end;
comment on function pgmq.list_notify_insert_throttles() is 'The queues whose notifications are throttled.';

