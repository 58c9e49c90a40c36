-- Options -----------------------------------------------------------------------------------------

-- What makes one queue behave otherwise than others: a row for each queue that was configured. Sessions read it
-- when they first look at the queue, and again when the row has changed.
create table queue.options (
    queue_name varchar not null
        constraint options_pkey primary key
        constraint options_queue_fkey references pgmq.meta (queue_name) on delete cascade,
    memory_claims boolean not null default false,
    turns boolean not null default false,
    max_in_flight integer constraint options_max_in_flight_check check (max_in_flight > 0),
    max_in_flight_per_group integer
        constraint options_max_in_flight_per_group_check check (max_in_flight_per_group > 0),
    unique_for interval not null default '90 days'
        constraint options_unique_for_check check (unique_for > '0' and unique_for <= '100 years'),
    paused boolean not null default false
);
create unique index options_folded_name_key on queue.options (lower(queue_name));
comment on table queue.options is 'Queues that were configured, and how.';
comment on column queue.options.memory_claims is 'Whether claims live in memory alone, without a write.';
comment on column queue.options.turns is 'Whether groups take turns when messages are read.';
comment on column queue.options.max_in_flight is 'How many messages may be claimed at once; null: any number.';
comment on column queue.options.max_in_flight_per_group is 'The same, of each group.';
comment on column queue.options.unique_for is 'For how long a unique key is remembered.';
comment on column queue.options.paused is 'Whether readers get nothing, and wait.';
grant select on queue.options to pg_monitor;
select pg_catalog.pg_extension_config_dump('queue.options', '');

create function queue._notice_options() returns trigger
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_notice_options';
comment on function queue._notice_options() is 'Makes every session read a queue''s options anew.';
create trigger notice_options after insert or update or delete on queue.options
    for each row execute function queue._notice_options();

create function queue._check_options(options jsonb) returns void
    language plpgsql stable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    kinds constant jsonb := '{"memory_claims": "boolean", "turns": "boolean", "max_in_flight": "number",
                              "max_in_flight_per_group": "number", "unique_for": "string",
                              "paused": "boolean"}';
    wanted constant jsonb := '{"boolean": "Give true, false or null.",
                               "number": "Give a whole number from 1 to 2147483647, or null for no limit.",
                               "string": "Give a length of time above 0 and up to 100 years, as \"90 days\"."}';
    option text;
    value jsonb;
    fits boolean;
begin
    if jsonb_typeof($1) <> 'object' then
        raise invalid_parameter_value using
            message = 'options must be a JSON object', hint = 'Give names and values: {"turns": true}.';
    end if;
    for option, value in select * from jsonb_each($1) loop
        if not kinds ? option then
            raise invalid_parameter_value using
                message = format('queues have no option "%s"', option),
                hint = format('There are %s.',
                    (select string_agg(kind, ', ' order by place)
                     from unnest(array['memory_claims', 'turns', 'max_in_flight', 'max_in_flight_per_group',
                                       'unique_for', 'paused']) with ordinality as every (kind, place)));
        end if;
        continue when jsonb_typeof(value) = 'null';
        fits := jsonb_typeof(value) = kinds ->> option and case jsonb_typeof(value)
            when 'number' then value::numeric = trunc(value::numeric)
                               and value::numeric between 1 and 2147483647
            when 'string' then pg_input_is_valid(value #>> '{}', 'interval')
            else true end;
        if fits and jsonb_typeof(value) = 'string' then
            fits := (value #>> '{}')::interval > '0' and (value #>> '{}')::interval <= '100 years';
        end if;
        if not fits then
            raise invalid_parameter_value using
                message = format('option %s cannot be %s', option, left(value::text, 100)),
                hint = wanted ->> (kinds ->> option);
        end if;
    end loop;
end
$$;
comment on function queue._check_options(jsonb) is 'Refuses options that no queue can have.';

create function queue._set_options(queue_name text, options jsonb) returns void
    language plpgsql volatile strict parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    registered constant text := pgmq._registered_name($1);
    option text;
    value text;
begin
    perform queue._check_options($2), pgmq.acquire_queue_lock(registered);
    if $2 <> '{}' then
        insert into queue.options (queue_name) values (registered)
        on conflict on constraint options_pkey do nothing;
    end if;
    for option, value in select * from jsonb_each_text($2) loop
        execute format('update queue.options set %I = %s where queue_name = $1',
                       option, coalesce(quote_literal(value), 'default')) using registered;
    end loop;
end
$$;
comment on function queue._set_options(text, jsonb) is 'What configure does with the rights of the table''s owner.';

create function queue.configure(queue_name text, options jsonb) returns void
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_configure';
comment on function queue.configure(text, jsonb) is
    'Sets the options that are named; null is an option''s default. For the owner of the queue''s table.';

create function queue.options_of(queue_name text, out memory_claims boolean, out turns boolean,
    out max_in_flight integer, out max_in_flight_per_group integer, out unique_for interval,
    out paused boolean) returns setof record
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_options_of';
comment on function queue.options_of(text) is
    'A queue''s options, the defaults among them; null is no limit. For who has a right on the queue''s table.';

