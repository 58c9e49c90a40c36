-- Creating and dropping ---------------------------------------------------------------------------

create function pgmq._create_tables(queue_name text, persistence text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    archived constant text := pgmq.format_table_name($1, 'a');
    columns constant text := '
        read_ct integer not null default 0,
        enqueued_at timestamptz not null default clock_timestamp(),
        last_read_at timestamptz,
        vt timestamptz not null,
        message jsonb,
        headers jsonb';
begin
    -- Room in each page and no index on vt: a claim writes its new version beside the old one.
    execute format('create %s table pgmq.%I (msg_id bigint generated always as identity primary key, %s)
                    with (fillfactor = 70)', $2, waiting, columns);
    perform queue._notice_changes(waiting);
    execute format('create table pgmq.%I (msg_id bigint primary key, %s,
                    archived_at timestamptz not null default clock_timestamp())', archived, columns);
    execute format('create index %I on pgmq.%I (archived_at)', 'archived_at_idx_' || lower($1), archived);
    perform pgmq._finish_tables($1);
end
$$;
comment on function pgmq._create_tables(text, text) is 'The tables and indexes of one queue.';

create function pgmq._finish_tables(queue_name text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    archived constant text := pgmq.format_table_name($1, 'a');
begin
    execute format('comment on table pgmq.%I is %L', waiting, 'Messages that wait in queue ' || $1);
    execute format('comment on table pgmq.%I is %L', archived, 'Messages archived from queue ' || $1);
    execute format('grant select on pgmq.%I, pgmq.%I to pg_monitor', waiting, archived);
    execute format('grant select on sequence %s to pg_monitor',
        pg_get_serial_sequence(format('pgmq.%I', waiting), 'msg_id'));
end
$$;
comment on function pgmq._finish_tables(text) is
    'What all queues'' tables have: comments, and the monitor''s grants.';

create function pgmq._create_queue(queue_name text, unlogged boolean) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    if pgmq._is_new($1) then
        perform pgmq._create_tables($1, case when $2 then 'unlogged' else '' end);
        insert into pgmq.meta (queue_name, is_partitioned, is_unlogged) values ($1, false, $2);
    end if;
end
$$;
comment on function pgmq._create_queue(text, boolean) is
    'Creates a queue in plain tables that is not there yet.';

create function pgmq._is_new(queue_name text) returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.validate_queue_name($1);
    perform pgmq.acquire_queue_lock($1);
    if exists (select from pgmq.meta m where lower(m.queue_name) = lower($1)) then
        if to_regclass(format('pgmq.%I', pgmq.format_table_name($1, 'q'))) is null then
            raise object_not_in_prerequisite_state using
                message = format('the table of queue "%s" is gone', $1),
                hint = 'Drop what is left of it first: select pgmq.drop_queue(''name'').';
        end if;
        raise notice 'queue "%" already exists, skipping', $1;
        return false;
    end if;
    if exists (select from queue.aliases a where lower(a.alias) = lower($1)) then
        raise duplicate_object using
            message = format('"%s" is an alias of queue "%s"', $1, queue._name_of($1)),
            hint = 'Choose another name, or drop the alias first: select queue.drop_alias(''alias'').';
    end if;
    return true;
end
$$;
comment on function pgmq._is_new(text) is
    'Takes the queue''s lock and tells whether it is still to be made; a notice says if not.';

create function pgmq.create_non_partitioned(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, false);
end;
comment on function pgmq.create_non_partitioned(text) is 'Creates a queue in plain tables.';

create function pgmq.create_unlogged(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, true);
end;
comment on function pgmq.create_unlogged(text) is
    'Creates a queue whose waiting messages do not survive a crash; its archive does.';

create function pgmq.create(queue_name text) returns void
    language sql volatile parallel unsafe set search_path = pg_catalog, pg_temp
begin atomic
    select pgmq._create_queue($1, false);
end;
comment on function pgmq.create(text) is 'Creates a queue; one that exists stays as it is.';

-- Views that show a queue's messages by their fields: pgmq.<name> and pgmq.<name>_archive, by its aliases too.
create function pgmq._views_of(queue_name text) returns table (view_name text)
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    with recursive named (name) as (
        select lower($1)
        union
        select lower(a.alias) from queue.aliases a where lower(a.queue_name) = lower($1)
    ), reading (relation) as (
        select c.oid
        from pg_class c
        where c.relnamespace = 'pgmq'::regnamespace and c.relname in (lower('q_' || $1), lower('a_' || $1))
        union
        select rule.ev_class
        from reading
        join pg_depend dependency on dependency.refclassid = 'pg_class'::regclass and dependency.refobjid = relation
        join pg_rewrite rule on dependency.classid = 'pg_rewrite'::regclass and rule.oid = dependency.objid
    )
    select c.relname::text
    from reading
    join pg_class c on c.oid = relation
    where c.relkind = 'v' and c.relnamespace = 'pgmq'::regnamespace
        and exists (select from named n where lower(c.relname) in (n.name, n.name || '_archive'))
    order by c.relname;
end;
comment on function pgmq._views_of(text) is
    'The views that bear a queue''s name and read its tables, or each other.';

create function pgmq._drop_views_of(queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    views constant text := (select string_agg(format('pgmq.%I', v.view_name), ', ') from pgmq._views_of($1) v);
begin
    if views is not null then
        execute 'drop view ' || views;
    end if;
end
$$;
comment on function pgmq._drop_views_of(text) is 'Drops the views that bear a queue''s name.';

-- The rows of bindings, throttles, options and aliases go with the row of meta, by their foreign keys; after the tables,
-- so that whoever uses the queue is waited for.
create function pgmq.drop_queue(queue_name text) returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    its_name constant text := queue._name_of($1);
    waiting constant text := pgmq.format_table_name(its_name, 'q');
    archived constant text := pgmq.format_table_name(its_name, 'a');
    tables text;
begin
    perform pgmq.acquire_queue_lock(its_name);
    if not exists (select from pgmq.meta m where lower(m.queue_name) = lower(its_name)) then
        raise notice 'queue "%" does not exist, skipping', $1;
        return false;
    end if;
    perform pgmq._forget_partitions(waiting), pgmq._forget_partitions(archived);
    perform pgmq._drop_views_of(its_name);
    select string_agg(format('pgmq.%I', c.relname), ', ') into tables
    from pg_class c
    where c.relnamespace = 'pgmq'::regnamespace and c.relname in (waiting, archived);
    if tables is not null then  -- somebody may have dropped them
        execute 'drop table ' || tables;
    end if;
    delete from pgmq.meta m where lower(m.queue_name) = lower(its_name);
    return true;
end
$$;
comment on function pgmq.drop_queue(text) is
    'Drops a queue with all its messages, its archive and the views of its name; false if it does not exist.';

create function pgmq.drop_queue(queue_name text, partitioned boolean) returns boolean
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    raise warning 'drop_queue(queue_name, partitioned) is deprecated'
        using hint = 'Use drop_queue(queue_name), which knows whether the queue is partitioned.';
    return pgmq.drop_queue($1);
end
$$;
comment on function pgmq.drop_queue(text, boolean) is 'Deprecated: drop_queue(queue_name) does the same.';

create function pgmq.purge_queue(queue_name text) returns bigint
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq._table_of($1, 'q');
    purged bigint;
begin
    execute format('lock table pgmq.%I in access exclusive mode', waiting);
    execute format('select count(*) from pgmq.%I', waiting) into purged;
    execute format('truncate table pgmq.%I', waiting);
    return purged;
end
$$;
comment on function pgmq.purge_queue(text) is
    'Removes every waiting message and returns how many there were; ids go on counting.';

create function pgmq.detach_archive(queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgmq.format_table_name($1, 'a');
    raise warning 'detach_archive is deprecated and does nothing'
        using hint = 'Archives do not belong to the extension, so there is nothing to detach.';
end
$$;
comment on function pgmq.detach_archive(text) is 'Deprecated, does nothing: archives stand on their own.';

create function pgmq._belongs_to_pgmq(table_name text) returns boolean
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select
        from pg_depend dependency
        join pg_extension extension on extension.oid = dependency.refobjid
        join pg_class relation on relation.oid = dependency.objid
        where dependency.classid = 'pg_class'::regclass
            and dependency.refclassid = 'pg_extension'::regclass
            and dependency.deptype = 'e'
            and extension.extname in ('sg_queue', 'pgmq')
            and relation.relnamespace = 'pgmq'::regnamespace
            and relation.relname = $1);
end;
comment on function pgmq._belongs_to_pgmq(text) is
    'Whether a table of schema pgmq is a member of the extension; those of queues are not.';

