-- Aliases -----------------------------------------------------------------------------------------

-- Another name for a queue, which every function takes for it. Names of queues come first: an alias is looked up only
-- where no queue has the name, so it costs those nothing. Sessions hear of changes as they do of options.
create table queue.aliases (
    alias varchar not null constraint aliases_pkey primary key,
    queue_name varchar not null
        constraint aliases_queue_fkey references pgmq.meta (queue_name) on delete cascade
);
create unique index aliases_folded_alias_key on queue.aliases (lower(alias));
create index aliases_queue_name_idx on queue.aliases (queue_name);
comment on table queue.aliases is 'Other names of queues.';
grant select on queue.aliases to public;
select pg_catalog.pg_extension_config_dump('queue.aliases', '');

create function queue._notice_aliases() returns trigger
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_notice_aliases';
comment on function queue._notice_aliases() is 'Makes every session look up a queue''s aliases anew.';
create trigger notice_aliases after insert or update or delete on queue.aliases
    for each row execute function queue._notice_aliases();

create function queue._name_of(queue_name text) returns text
    language plpgsql stable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
    found_name text;
begin
    if not exists (select from pg_class c where c.relnamespace = 'pgmq'::regnamespace and c.relname = lower('q_' || $1)) then
        select a.queue_name into found_name from queue.aliases a where lower(a.alias) = lower($1);
    end if;
    return coalesce(found_name, $1);
end
$$;
comment on function queue._name_of(text) is 'The queue''s name for an alias, any other name as it is.';

create function queue._add_alias(alias text, queue_name text) returns void
    language plpgsql volatile parallel unsafe set search_path = pg_catalog, pg_temp
as $$
declare
    registered constant text := pgmq._registered_name($2);
    known text;
begin
    perform pgmq.validate_queue_name($1), pgmq.acquire_queue_lock($1);
    if queue._is_queue($1) then
        raise duplicate_object using
            message = format('"%s" is the name of a queue', $1),
            hint = 'An alias is a name that no queue has.';
    end if;
    select a.queue_name into known from queue.aliases a where lower(a.alias) = lower($1);
    if known is null then
        insert into queue.aliases (alias, queue_name) values ($1, registered);
    elsif known <> registered then
        raise duplicate_object using
            message = format('"%s" is an alias of queue "%s"', $1, known),
            hint = 'Drop it first: select queue.drop_alias(''alias'').';
    end if;
end
$$;
comment on function queue._add_alias(text, text) is 'What add_alias does with the rights of the table''s owner.';

create function queue._is_queue(queue_name text) returns boolean
    language sql stable parallel safe set search_path = pg_catalog, pg_temp
begin atomic
    select exists (select from pgmq.meta m where lower(m.queue_name) = lower($1))
        or exists (select from pg_class c where c.relnamespace = 'pgmq'::regnamespace and c.relname = lower('q_' || $1));
end;
comment on function queue._is_queue(text) is 'Whether a queue, or its table, has this name.';

create function queue.add_alias(alias text, queue_name text) returns void
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_add_alias';
comment on function queue.add_alias(text, text) is
    'Gives a queue another name; one that it has already is no error. For the owner of the queue''s table.';

create function queue.drop_alias(alias text) returns boolean
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_drop_alias';
comment on function queue.drop_alias(text) is
    'Takes another name from its queue; false if there is no such alias. For the owner of the queue''s table.';
