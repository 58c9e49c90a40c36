-- migrate: role=central
-- The approved patterns as CentralCloud publishes them (subscription patterns_sub): what search, code
-- generation and agents read. Logical replication applies with the rights of role central, which owns
-- the table; everybody else reads. A column that CentralCloud adds must be added here first.

create function central.refuse_write() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using
        message = format('%I.%I is a replica: only replication writes to it', tg_table_schema, tg_table_name),
        hint = 'Change the table of the same name in database centralcloud.';
end
$$;
comment on function central.refuse_write() is
    'Refuses every statement that writes to a replica; replication does not fire it.';

create table central.approved_patterns (
    id uuid not null,
    name text not null,
    ecosystem text not null,
    frequency integer,
    confidence double precision not null,
    description text,
    examples jsonb,
    best_practices text[],
    approved_at timestamptz,
    last_synced_at timestamptz,
    instances_count integer,
    idiom text,
    shape text,
    shape_hash text,
    files integer,
    evidence jsonb,
    constraint approved_patterns_pkey primary key (id),
    constraint approved_patterns_name_ecosystem_key unique (name, ecosystem)
);
comment on table central.approved_patterns is 'Replica: the patterns that instances may rely on.';
comment on column central.approved_patterns.ecosystem is 'The language that the pattern is of.';
comment on column central.approved_patterns.frequency is 'Occurrences of it, over all instances.';
comment on column central.approved_patterns.last_synced_at is 'When CentralCloud last changed the row.';
create index approved_patterns_ecosystem on central.approved_patterns (ecosystem);
create index approved_patterns_confidence on central.approved_patterns (confidence);
create index approved_patterns_last_synced_at on central.approved_patterns (last_synced_at);

create trigger refuse_write before insert or update or delete or truncate on central.approved_patterns
    for each statement execute function central.refuse_write();

create function central.search_document(name text, idiom text, description text, best_practices text[])
    returns tsvector
    language sql immutable parallel safe
    set search_path = pg_catalog, pg_temp
    return setweight(to_tsvector('english', translate(name, '-_/', '   ')), 'A')
        || setweight(to_tsvector('english', translate(coalesce(idiom, ''), '-_/', '   ')), 'B')
        || setweight(to_tsvector('english', coalesce(description, '')), 'C')
        || setweight(to_tsvector('english', coalesce(array_to_string(best_practices, ' '), '')), 'D');
comment on function central.search_document(text, text, text, text[]) is
    'The words by which a pattern is found; those of its name weigh most.';
create index approved_patterns_search on central.approved_patterns
    using gin (central.search_document(name, idiom, description, best_practices));

create function central.tell_change() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_notify('central.approved_patterns', '');
    return null;
end
$$;
comment on function central.tell_change() is
    'Wakes listeners on channel central.approved_patterns when replication has changed a pattern.';
create trigger tell_change after insert or update or delete on central.approved_patterns
    for each row execute function central.tell_change();
alter table central.approved_patterns enable replica trigger tell_change;

grant usage on schema central to singularity;
grant select on central.approved_patterns to singularity;
grant execute on function central.search_document(text, text, text, text[]) to singularity;
