-- What the analysis found in each file: the raw material of learning.
--
-- A file is known by repository and path; a new analysis replaces the old one, and is learned from
-- again only if the content or the analyzer changed. The occurrences in `result` are checked here, so
-- that learning never meets one that it can't use.

create table public.analysis_results (
    id public.ulid not null default public.gen_monotonic_ulid(),
    agent_id public.ulid,
    repository text not null default 'unnamed',
    path text not null default public.gen_monotonic_ulid()::text,
    folder text not null default '.',
    language text not null default '',
    content_hash text not null default encode(sha256(uuid_send(gen_random_uuid())), 'hex'),
    analyzer_version integer not null default 0,
    result jsonb not null,
    confidence double precision,
    learned boolean not null default false,
    analyzed_at timestamptz not null default clock_timestamp(),
    learned_at timestamptz,
    constraint analysis_results_pkey primary key (id),
    constraint analysis_results_repository_path_key unique (repository, path),
    constraint analysis_results_agent_fkey foreign key (agent_id)
        references public.agents (id) on delete set null,
    constraint analysis_results_names_not_empty check (repository <> '' and path <> ''),
    constraint analysis_results_content_hash_form check (content_hash ~ '^[0-9a-f]{64}$'),
    constraint analysis_results_confidence_range check (confidence between 0 and 1),
    constraint analysis_results_object check (jsonb_typeof(result) = 'object'),
    constraint analysis_results_occurrences_usable check (
        case jsonb_typeof(result -> 'occurrences')
            when 'array' then jsonb_array_length(result -> 'occurrences') =
                jsonb_array_length(jsonb_path_query_array(result, '$.occurrences[*] ? (
                    @.idiom.type() == "string"
                    && @.pattern_name like_regex "^.{1,200}$"
                    && @.language like_regex "^.{1,63}$"
                    && @.confidence >= 0 && @.confidence <= 1
                    && (!exists (@.start_line) || (@.start_line >= 1 && @.start_line <= 1000000000
                        && @.start_line == @.start_line.floor()))
                    && (!exists (@.end_line) || (@.end_line >= 1 && @.end_line <= 1000000000
                        && @.end_line == @.end_line.floor()))
                    && (!exists (@.best_practices) || @.best_practices.type() == "array"))'))
            else result -> 'occurrences' is null
        end)
);
comment on table public.analysis_results is
    'One row a file that was analysed. Learning reads the rows that are not learned.';
comment on column public.analysis_results.path is
    'Relative to the repository''s root. An analysis of no file has a name of its own.';
comment on column public.analysis_results.folder is
    'The path without its last part; evidence of one folder counts five times at most.';
comment on column public.analysis_results.content_hash is
    'SHA-256 of the file, hex: copies of a file count once.';
comment on column public.analysis_results.result is
    'The analysis as JSON; its key occurrences is an array of {idiom, language, pattern_name, confidence, '
    'shape, shape_hash, description, best_practices, function, start_line, end_line, snippet, …}.';
create index analysis_results_unlearned on public.analysis_results (id) where not learned;
create index analysis_results_agent_id on public.analysis_results (agent_id);

create function public.reset_learned() returns trigger
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    new.learned := false;
    new.learned_at := null;
    return new;
end
$$;
comment on function public.reset_learned() is 'Sends a changed analysis to learning again.';

create trigger reset_learned before update on public.analysis_results
    for each row
    when ((old.content_hash, old.analyzer_version) is distinct from (new.content_hash, new.analyzer_version))
    execute function public.reset_learned();

create function public.forget_analysis(repository text, paths text[]) returns bigint
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with forgotten as (
        delete from public.analysis_results a
        where a.repository = $1 and a.path = any ($2)
        returning a.id
    )
    select count(*) from forgotten;
end;
comment on function public.forget_analysis(text, text[]) is
    'Removes the analyses of files that are gone, and with them their evidence; returns how many. '
    'The patterns are measured again when learning runs next.';
