-- What this instance learned, and the evidence for it.
--
-- A pattern is one shape of one idiom in one language. Its evidence rows point into the analyses; when
-- they change, however that comes about, the pattern is stale until learning has measured it again.

create table public.learned_patterns (
    id public.ulid not null default public.gen_monotonic_ulid(),
    name text not null,
    ecosystem text not null,
    idiom text not null,
    shape text,
    shape_hash text,
    description text,
    best_practices text[] not null default '{}',
    confidence double precision not null default 0,
    occurrences integer not null default 0,
    files integer not null default 0,
    revision integer not null default 0,
    evidence jsonb not null default '[]',
    example jsonb not null default '{}',
    stale boolean not null default true,
    first_seen_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint learned_patterns_pkey primary key (id),
    constraint learned_patterns_name_ecosystem_key unique (name, ecosystem),
    constraint learned_patterns_confidence_range check (confidence between 0 and 1),
    constraint learned_patterns_counts_not_negative check (occurrences >= 0 and files >= 0 and revision >= 0)
);
comment on table public.learned_patterns is 'Patterns of this instance, measured from its own evidence.';
comment on column public.learned_patterns.ecosystem is 'The language that the pattern is of.';
comment on column public.learned_patterns.shape is
    'The idiom''s skeleton: required elements and how they nest.';
comment on column public.learned_patterns.files is 'Distinct file contents that hold it.';
comment on column public.learned_patterns.revision is
    'Counts the changes that were published; 0 before the first.';
comment on column public.learned_patterns.evidence is
    'The contents that count: array of {repository, path, folder, content_hash, function, start_line, '
    'end_line, confidence, occurrences}.';
comment on column public.learned_patterns.example is
    'Its clearest occurrence: {code, repository, path, function, start_line, end_line}; {} if none is left.';
comment on column public.learned_patterns.stale is 'Its evidence changed since it was measured.';
create index learned_patterns_stale on public.learned_patterns (id) where stale;

create table public.pattern_occurrences (
    analysis_id public.ulid not null,
    place integer not null,
    pattern_id public.ulid not null,
    function text,
    start_line integer,
    end_line integer,
    confidence double precision not null,
    constraint pattern_occurrences_pkey primary key (analysis_id, place),
    constraint pattern_occurrences_analysis_fkey foreign key (analysis_id)
        references public.analysis_results (id) on delete cascade,
    constraint pattern_occurrences_pattern_fkey foreign key (pattern_id)
        references public.learned_patterns (id)
);
comment on table public.pattern_occurrences is 'Evidence: where each pattern occurs.';
comment on column public.pattern_occurrences.place is
    'Its index in the analysis'' array of occurrences, from 0.';
comment on column public.pattern_occurrences.confidence is 'Structural confidence of this occurrence.';
create index pattern_occurrences_pattern_id on public.pattern_occurrences (pattern_id);

-- Who removes evidence waits for a learner that is at work: each locks patterns in an order of its own.
create function public.mark_patterns_stale() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('public.learn_patterns_from_analysis', 0));
    update public.learned_patterns p
    set stale = true
    where not p.stale and p.id operator(public.=) any (select changed.pattern_id from changed);
    return null;
end
$$;
comment on function public.mark_patterns_stale() is
    'Marks the patterns whose evidence a statement added or removed.';

create trigger mark_stale_after_insert after insert on public.pattern_occurrences
    referencing new table as changed for each statement execute function public.mark_patterns_stale();
create trigger mark_stale_after_delete after delete on public.pattern_occurrences
    referencing old table as changed for each statement execute function public.mark_patterns_stale();
