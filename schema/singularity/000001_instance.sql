-- Which instance this database belongs to, and who its agents are.

create table public.instance (
    only_row boolean not null default true constraint instance_pkey primary key,
    id text not null,
    incarnation public.ulid not null default public.gen_monotonic_ulid(),
    named_at timestamptz not null default clock_timestamp(),
    constraint instance_only_row check (only_row),
    constraint instance_id_form check (id ~ '^[a-z][a-z0-9_]{0,27}$')
);
comment on table public.instance is
    'The one row that names the instance; written when the database is set up.';
comment on column public.instance.incarnation is
    'Made once with this database: revisions count within it, and a later one supersedes an earlier.';

create function public.instance_id() returns text
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
    return (select id from public.instance);
comment on function public.instance_id() is 'The name of this instance, as every message carries it.';

create table public.agents (
    id public.ulid not null default public.gen_monotonic_ulid(),
    instance_id text not null default public.instance_id(),
    name text not null,
    kind text not null default 'worker',
    capacity integer not null default 1,
    known_patterns jsonb not null default '[]',
    last_seen_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint agents_pkey primary key (id),
    constraint agents_instance_name_key unique (instance_id, name),
    constraint agents_name_not_empty check (name <> ''),
    constraint agents_capacity_not_negative check (capacity >= 0),
    constraint agents_known_patterns_array check (jsonb_typeof(known_patterns) = 'array')
);
comment on table public.agents is 'The one registry of this instance''s agents.';
comment on column public.agents.kind is
    'What it is for: worker, analyzer, and whatever else an instance calls its agents.';
comment on column public.agents.capacity is 'Tasks that it takes at a time.';
comment on column public.agents.known_patterns is 'Names of the patterns that it works with.';
