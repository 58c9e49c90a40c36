-- Patterns on their way to approval, with the evidence that every instance gave for them.
--
-- A candidate is one pattern by (name, ecosystem). A source is what one instance says of it, at one
-- revision, replaced whole by the next. Candidates are computed from their sources alone, so the order
-- in which messages arrive leaves no trace.

create table public.pattern_candidates (
    id public.ulid not null default public.gen_monotonic_ulid(),
    name text not null,
    ecosystem text not null,
    idiom text,
    shape text,
    shape_hash text,
    description text,
    best_practices text[] not null default '{}',
    example jsonb not null default '{}',
    evidence jsonb not null default '[]',
    confidence double precision not null default 0,
    occurrences integer not null default 0,
    files integer not null default 0,
    instances_count integer not null default 0,
    status text not null default 'waiting',
    reason text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint pattern_candidates_pkey primary key (id),
    constraint pattern_candidates_name_ecosystem_key unique (name, ecosystem),
    constraint pattern_candidates_status_known check (status in ('waiting', 'approved')),
    constraint pattern_candidates_confidence_range check (confidence between 0 and 1)
);
comment on table public.pattern_candidates is
    'Every pattern that any instance discovered, approved or waiting.';
comment on column public.pattern_candidates.evidence is 'The file contents that count, over all instances.';
comment on column public.pattern_candidates.files is
    'Distinct file contents that hold it, over all instances.';
comment on column public.pattern_candidates.reason is
    'Why it waits, in a sentence; null once it is approved.';
create index pattern_candidates_waiting on public.pattern_candidates (confidence) where status = 'waiting';

create table public.pattern_sources (
    candidate_id public.ulid not null,
    instance_id text not null,
    incarnation public.ulid not null,
    revision integer not null,
    occurrences integer not null,
    idiom text,
    shape text,
    shape_hash text,
    description text,
    best_practices text[] not null,
    example jsonb not null,
    received_at timestamptz not null default clock_timestamp(),
    constraint pattern_sources_pkey primary key (candidate_id, instance_id),
    constraint pattern_sources_candidate_fkey foreign key (candidate_id)
        references public.pattern_candidates (id) on delete cascade,
    constraint pattern_sources_revision_positive check (revision > 0),
    constraint pattern_sources_occurrences_positive check (occurrences >= 0)
);
comment on table public.pattern_sources is 'What one instance says of one pattern, at its latest revision.';
comment on column public.pattern_sources.incarnation is
    'The instance''s database that said it: one that is made anew counts its revisions from 1.';

create table public.pattern_evidence (
    candidate_id public.ulid not null,
    instance_id text not null,
    content_hash text not null,
    repository text not null,
    path text not null,
    folder text not null,
    function text,
    start_line integer,
    end_line integer,
    confidence double precision not null,
    occurrences integer not null,
    constraint pattern_evidence_pkey primary key (candidate_id, instance_id, content_hash),
    constraint pattern_evidence_source_fkey foreign key (candidate_id, instance_id)
        references public.pattern_sources (candidate_id, instance_id) on delete cascade,
    constraint pattern_evidence_confidence_range check (confidence between 0 and 1),
    constraint pattern_evidence_occurrences_positive check (occurrences > 0)
);
comment on table public.pattern_evidence is 'The file contents in which an instance found a pattern.';
comment on column public.pattern_evidence.content_hash is
    'SHA-256 of the file, hex: copies of a file count once.';
comment on column public.pattern_evidence.confidence is
    'Mean structural confidence of its occurrences in this content.';
