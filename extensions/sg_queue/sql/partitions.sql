-- Partitioned queues ------------------------------------------------------------------------------

-- Partitions are made and dropped by pg_partman: by msg_id where the interval is a number, otherwise by
-- time (enqueued_at, in the archive archived_at). Its retention drops whole partitions, with messages
-- that nobody has read. Such tables have no primary key, since ids alone cannot tell a partition by time.

create function pgmq._extension_exists(extension_name text) returns boolean
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select exists (select from pg_extension where extname = $1);
end;
comment on function pgmq._extension_exists(text) is 'Whether an extension is installed in this database.';

create function pgmq._ensure_pg_partman_installed() returns void
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if not pgmq._extension_exists('pg_partman') then
        raise object_not_in_prerequisite_state using
            message = 'partitioned queues need the extension pg_partman',
            hint = 'create schema partman; create extension pg_partman schema partman;';
    end if;
end
$$;
comment on function pgmq._ensure_pg_partman_installed() is
    'An error with a hint where pg_partman is missing.';

create function pgmq._get_pg_partman_schema() returns text
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select extnamespace::regnamespace::text from pg_extension where extname = 'pg_partman';
end;
comment on function pgmq._get_pg_partman_schema() is 'The schema of pg_partman, quoted; null if missing.';

create function pgmq._get_pg_partman_major_version() returns integer
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select split_part(extversion, '.', 1)::integer from pg_extension where extname = 'pg_partman';
end;
comment on function pgmq._get_pg_partman_major_version() is
    'The major version of pg_partman; null if missing.';

create function pgmq._get_partition_col(partition_interval text) returns text
    language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case when $1 ~ '^\s*\d+\s*$' then 'msg_id' else 'enqueued_at' end;
end;
comment on function pgmq._get_partition_col(text) is
    'The column that decides the partition: msg_id for a number, enqueued_at for a length of time.';

-- What pg_partman would only stumble over later: its maintenance would then fail for every table of the database.
create function pgmq._check_interval(name text, value text, lowest text, highest text) returns void
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    is_number constant boolean := pgmq._get_partition_col($2) = 'msg_id';
    fits boolean;
begin
    -- The type must be a literal: pg_input_is_valid keeps what it found for a variable.
    if is_number then
        fits := pg_input_is_valid($2, 'bigint') and $2::bigint between $3::bigint and $4::bigint;
    else
        fits := pg_input_is_valid($2, 'interval') and $2::interval between $3::interval and $4::interval;
    end if;
    if not fits then
        raise invalid_parameter_value using
            message = format('%s cannot be "%s"', $1, left($2, 100)),
            hint = format('Give %s from %s to %s.',
                case when is_number then 'a number of messages' else 'a length of time' end, $3, $4);
    end if;
end
$$;
comment on function pgmq._check_interval(text, text, text, text) is
    'Refuses what is neither a number nor a length of time, or not between two of its kind.';

create function pgmq._check_intervals(partition_interval text, retention_interval text) returns void
    language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 is null or $2 is null then
        raise null_value_not_allowed using message = 'intervals of partitions must not be null';
    end if;
    if pgmq._get_partition_col($1) <> pgmq._get_partition_col($2) then
        raise invalid_parameter_value using
            message = format('partition_interval "%s" and retention_interval "%s" are of two kinds', $1, $2),
            hint = 'Give two numbers of messages, or two lengths of time.';
    end if;
    if pgmq._get_partition_col($1) = 'msg_id' then
        perform pgmq._check_interval('partition_interval', $1, '2', '1000000000000000'),
            pgmq._check_interval('retention_interval', $2, '0', '9223372036854775807');
    else
        perform pgmq._check_interval('partition_interval', $1, '1 second', '100 years'),
            pgmq._check_interval('retention_interval', $2, '0 seconds', '1000 years');
    end if;
end
$$;
comment on function pgmq._check_intervals(text, text) is
    'Refuses intervals that are null, of two kinds, or that pg_partman could not keep to.';

create function pgmq._partition(
    table_name text, control text, partition_interval text, retention text, premake integer) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    partman constant text := pgmq._get_pg_partman_schema();
begin
    execute format(
        'select %s.create_parent(p_parent_table := $1, p_control := $2, p_interval := $3, p_type := $4,
                                 p_premake := $5)', partman)
        using 'pgmq.' || $1, $2, $3,
            case when pgmq._get_pg_partman_major_version() >= 5 then 'range' else 'native' end, $5;
    execute format(
        'update %s.part_config
         set retention = $2, retention_keep_table = false, retention_keep_index = false,
             automatic_maintenance = ''on''
         where parent_table = $1', partman)
        using 'pgmq.' || $1, $4;
end
$$;
comment on function pgmq._partition(text, text, text, text, integer) is
    'Hands a table partitioned by range to pg_partman.';

-- Of a table that somebody dropped pg_partman may still know, which only who has rights there can tell.
create function pgmq._may_be_partitioned(table_name text) returns boolean
    language sql stable strict parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when to_regclass(format('pgmq.%I', $1)) is not null then exists (
            select from pg_partitioned_table where partrelid = to_regclass(format('pgmq.%I', $1)))
        when has_schema_privilege(e.extnamespace, 'usage') then
            has_table_privilege(format('%s.part_config', e.extnamespace::regnamespace), 'delete')
        end
    from pg_extension e
    where e.extname = 'pg_partman';
end;
comment on function pgmq._may_be_partitioned(text) is
    'Whether pg_partman may have a table in its hands; null or no row if not.';

create function pgmq._forget_partitions(table_name text) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    partman constant text := pgmq._get_pg_partman_schema();
    template text;
begin
    if not coalesce(pgmq._may_be_partitioned($1), false) then
        return;
    end if;
    execute format('delete from %s.part_config where parent_table = $1 returning template_table', partman)
        into template using 'pgmq.' || $1;
    if template is not null then
        execute format('drop table if exists %I.%I', split_part(template, '.', 1),
                       substr(template, strpos(template, '.') + 1));
    end if;
end
$$;
comment on function pgmq._forget_partitions(text) is
    'Takes a table out of pg_partman''s hands, before it is dropped.';

create function pgmq._create_archive_partitioned(
    queue_name text, partition_interval text, retention_interval text, premake integer) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    archived constant text := pgmq.format_table_name($1, 'a');
    control constant text := replace(pgmq._get_partition_col($2), 'enqueued_at', 'archived_at');
begin
    execute format(
        'create table pgmq.%I (
             msg_id bigint not null,
             read_ct integer not null default 0,
             enqueued_at timestamptz not null default clock_timestamp(),
             last_read_at timestamptz,
             vt timestamptz not null,
             message jsonb,
             headers jsonb,
             archived_at timestamptz not null default clock_timestamp()
         ) partition by range (%I)', archived, control);
    execute format('create index %I on pgmq.%I (archived_at)', 'archived_at_idx_' || lower($1), archived);
    perform pgmq._partition(archived, control, $2, $3, $4);
end
$$;
comment on function pgmq._create_archive_partitioned(text, text, text, integer) is
    'The archive of a queue, in partitions.';

create function pgmq._create_partitioned(
    queue_name text, partition_interval text, retention_interval text, premake integer) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    waiting text;
    control text;
begin
    perform pgmq._ensure_pg_partman_installed();
    perform pgmq._check_intervals($2, $3), pgmq._check_partitions($1, $4);
    if not pgmq._is_new($1) then
        return;
    end if;
    waiting := pgmq.format_table_name($1, 'q');
    control := pgmq._get_partition_col($2);
    execute format(
        'create table pgmq.%I (
             msg_id bigint generated always as identity,
             read_ct integer not null default 0,
             enqueued_at timestamptz not null default clock_timestamp(),
             last_read_at timestamptz,
             vt timestamptz not null,
             message jsonb,
             headers jsonb
         ) partition by range (%I)', waiting, control);
    execute format('create index on pgmq.%I (msg_id)', waiting);
    execute format('create index %I on pgmq.%I (vt)', waiting || '_vt_idx', waiting);
    perform pgmq._partition(waiting, control, $2, $3, $4);
    perform pgmq._create_archive_partitioned($1, $2, $3, $4);
    perform pgmq._finish_tables($1);
    insert into pgmq.meta (queue_name, is_partitioned, is_unlogged) values ($1, true, false);
end
$$;
comment on function pgmq._create_partitioned(text, text, text, integer) is
    'Does what create_partitioned says.';

-- pg_partman ends by setting the session's search_path to what it found, which in a function with a
-- search_path of its own is not the session's. So this function and convert_archive_partitioned have
-- none, put the session's back, and call nothing that isn't qualified.
create function pgmq.create_partitioned(
    queue_name text, partition_interval text default '10000', retention_interval text default '100000',
    premake integer default 4) returns void
    language plpgsql volatile parallel unsafe
as $$
declare
    callers_path constant text := pg_catalog.current_setting('search_path');
begin
    perform pgmq._create_partitioned($1, $2, $3, $4);
    perform pg_catalog.set_config('search_path', callers_path, false);
end
$$;
comment on function pgmq.create_partitioned(text, text, text, integer) is
    'Creates a queue in partitions of so many ids or so much time, premake of them ahead; '
    'partitions older than retention_interval are dropped with all that is in them.';

create function pgmq._check_partitions(queue_name text, premake integer) returns void
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 like '%.%' then
        raise feature_not_supported using
            message = format('queue name "%s" is not allowed for partitions', $1),
            hint = 'pg_partman takes what is before a dot for a schema: choose a name without dots.';
    end if;
    if $2 is null or $2 not between 1 and 1000 then
        raise invalid_parameter_value using
            message = format('partitions ahead must be 1 to 1000, not %s', coalesce($2::text, 'null'));
    end if;
end
$$;
comment on function pgmq._check_partitions(text, integer) is
    'Refuses a name that pg_partman would not understand and a senseless number of partitions.';

create function pgmq._convert_archive_partitioned(
    table_name text, partition_interval text, retention_interval text, leading_partition integer) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    archived constant text := pgmq._table_of($1, 'a');
    in_the_way text;
begin
    perform pgmq._ensure_pg_partman_installed();
    perform pgmq._check_intervals($2, $3), pgmq._check_partitions($1, $4);
    perform pgmq.acquire_queue_lock($1);
    if exists (select from pg_partitioned_table where partrelid = format('pgmq.%I', archived)::regclass) then
        raise notice 'archive of queue "%" is already partitioned, skipping', $1;
        return;
    end if;
    select c.oid::regclass::text into in_the_way
    from pg_class c
    where c.relnamespace = 'pgmq'::regnamespace and c.relname in (archived || '_old', archived || '_old_idx')
    order by length(c.relname)
    limit 1;
    if in_the_way is not null then  -- of a queue of this name that was dropped
        raise duplicate_table using
            message = format('the archive of queue "%s" cannot be renamed: %s is there already', $1, in_the_way),
            hint = 'drop_queue leaves what an earlier conversion put aside. Drop it, or rename it and its indexes.';
    end if;
    execute format('alter table pgmq.%I rename to %I', archived, archived || '_old');
    execute format('alter index pgmq.%I rename to %I',
        'archived_at_idx_' || lower($1), archived || '_old_idx');
    perform pgmq._create_archive_partitioned($1, $2, $3, $4);
    execute format('comment on table pgmq.%I is %L', archived, 'Messages archived from queue ' || $1);
    execute format('grant select on pgmq.%I to pg_monitor', archived);
end
$$;
comment on function pgmq._convert_archive_partitioned(text, text, text, integer) is
    'Does what convert_archive_partitioned says.';

create function pgmq.convert_archive_partitioned(
    table_name text, partition_interval text default '10000', retention_interval text default '100000',
    leading_partition integer default 10) returns void
    language plpgsql volatile parallel unsafe
as $$
declare
    callers_path constant text := pg_catalog.current_setting('search_path');
begin
    perform pgmq._convert_archive_partitioned(queue._name_of($1), $2, $3, $4);
    perform pg_catalog.set_config('search_path', callers_path, false);
end
$$;
comment on function pgmq.convert_archive_partitioned(text, text, text, integer) is
    'Renames a queue''s archive to a_<name>_old and puts an empty one in partitions in its place.';
