-- From messages to approved patterns: accept_pattern_discovery() and its steps, in schema merging.
--
-- The confidence of a pattern is m * n / (n + 1/2): n is the number of distinct file contents that
-- count, m the mean of their structural confidences. At most five contents of a folder and twenty in
-- all count, those with the lowest hashes. docs/learning.md has the reasons.

create schema merging;
comment on schema merging is 'The steps of accept_pattern_discovery.';

create function merging.approval_threshold() returns double precision
    language sql immutable parallel safe
    set search_path = pg_catalog, pg_temp
    return 0.85;
comment on function merging.approval_threshold() is 'The confidence from which on a pattern is approved.';

create function merging.check_message(message jsonb) returns void
    language plpgsql immutable parallel safe
    set search_path = pg_catalog, pg_temp
as $$
declare
    field record;
begin
    for field in
        select name, type
        from (values ('request_id', 'string'), ('instance_id', 'string'),
                     ('incarnation', 'string'), ('name', 'string'), ('ecosystem', 'string'),
                      ('revision', 'number'), ('evidence', 'array'))
                 as needed (name, type)
        where jsonb_typeof(message -> name) is distinct from type
    loop
        raise invalid_parameter_value using
            message = format('pattern discovery: %s: %s is needed', field.name, field.type);
    end loop;
end
$$;
comment on function merging.check_message(jsonb) is
    'Refuses a message that lacks what the merge needs; its whole contract is pattern_discovery.json.';

-- One statement locks the candidate's row until the transaction ends, so that messages about one
-- pattern take turns; null where the instance has already told a newer or the same revision. A database
-- that was made anew counts from 1 again: its incarnation, a ULID, is later than any before it.
create function merging.store_source(message jsonb) returns public.ulid
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.pattern_candidates (name, ecosystem)
    values (message ->> 'name', message ->> 'ecosystem')
    on conflict (name, ecosystem) do update set name = excluded.name;

    insert into public.pattern_sources as known (candidate_id, instance_id, incarnation, revision,
        occurrences, idiom, shape, shape_hash, description, best_practices, example)
    select c.id, message ->> 'instance_id', (message ->> 'incarnation')::public.ulid,
        (message ->> 'revision')::integer,
        coalesce((message ->> 'occurrences')::integer, jsonb_array_length(message -> 'evidence')),
        message ->> 'idiom', message ->> 'shape', message ->> 'shape_hash', message ->> 'description',
        array(select jsonb_array_elements_text(coalesce(nullif(message -> 'best_practices', 'null'), '[]'))),
        coalesce(nullif(message -> 'example', 'null'), '{}')
    from public.pattern_candidates c
    where c.name = message ->> 'name' and c.ecosystem = message ->> 'ecosystem'
    on conflict (candidate_id, instance_id) do update
    set incarnation = excluded.incarnation, revision = excluded.revision, occurrences = excluded.occurrences, idiom = excluded.idiom,
        shape = excluded.shape, shape_hash = excluded.shape_hash, description = excluded.description,
        best_practices = excluded.best_practices, example = excluded.example,
        received_at = excluded.received_at
    where known.incarnation operator(public.<) excluded.incarnation
        or known.incarnation operator(public.=) excluded.incarnation and known.revision < excluded.revision
    returning candidate_id;
end;
comment on function merging.store_source(jsonb) is
    'Stores what an instance says of a pattern and returns its candidate; null if it is no news.';

create function merging.store_evidence(candidate public.ulid, message jsonb) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    delete from public.pattern_evidence
    where candidate_id = candidate and instance_id = message ->> 'instance_id';

    insert into public.pattern_evidence (candidate_id, instance_id, content_hash, repository, path, folder,
        function, start_line, end_line, confidence, occurrences)
    select distinct on (e.content_hash) candidate, message ->> 'instance_id', e.content_hash, e.repository,
        e.path, e.folder, e.function, e.start_line, e.end_line, e.confidence, e.occurrences
    from jsonb_to_recordset(message -> 'evidence') as e (content_hash text, repository text, path text,
        folder text, function text, start_line integer, end_line integer, confidence double precision,
        occurrences integer)
    order by e.content_hash, e.repository, e.path;
end;
comment on function merging.store_evidence(public.ulid, jsonb) is 'Replaces the evidence of one instance.';

create function merging.counted_evidence(candidate public.ulid)
    returns table (instance_id text, content_hash text, repository text, path text, folder text,
        function text, start_line integer, end_line integer, confidence double precision, occurrences integer)
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    with content as (
        select distinct on (e.content_hash) e.*
        from public.pattern_evidence e
        where e.candidate_id = candidate
        order by e.content_hash, e.repository, e.path, e.instance_id
    ), ranked as (
        select content.*, row_number() over (partition by repository, folder order by content_hash) as place
        from content
    )
    select instance_id, content_hash, repository, path, folder, function, start_line, end_line, confidence,
        occurrences
    from ranked
    where place <= 5
    order by content_hash
    limit 20;
end;
comment on function merging.counted_evidence(public.ulid) is
    'The contents that count: of copies one, at most five a folder, at most twenty, lowest hashes first.';

create function merging.measure_candidate(candidate public.ulid) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with counted as (
        select count(*) as n, avg(e.confidence::numeric) as mean,
            coalesce(jsonb_agg(to_jsonb(e) - 'instance_id' order by e.content_hash), '[]') as evidence
        from merging.counted_evidence(candidate) e
    ), known as (
        select count(*) filter (where s.occurrences > 0) as instances, sum(s.occurrences) as occurrences
        from public.pattern_sources s
        where s.candidate_id = candidate
    ), content as (
        select count(distinct e.content_hash) as files
        from public.pattern_evidence e
        where e.candidate_id = candidate
    ), meaning as (
        select s.*
        from public.pattern_sources s
        where s.candidate_id = candidate
        order by s.occurrences > 0 desc, s.instance_id
        limit 1
    )
    update public.pattern_candidates c
    set confidence = round(coalesce(counted.mean, 0) * counted.n / (counted.n + 0.5), 6),
        evidence = counted.evidence, files = content.files, occurrences = known.occurrences,
        instances_count = known.instances, idiom = meaning.idiom, shape = meaning.shape,
        shape_hash = meaning.shape_hash, description = meaning.description,
        best_practices = meaning.best_practices, example = meaning.example, updated_at = clock_timestamp()
    from counted, known, content, meaning
    where c.id = candidate;
end;
comment on function merging.measure_candidate(public.ulid) is
    'Computes a candidate from what all instances say; its words are the first instance''s that has it.';

create function merging.decide_candidate(candidate public.ulid) returns public.pattern_candidates
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.pattern_candidates c
    set status = case when c.confidence >= merging.approval_threshold() then 'approved' else 'waiting' end,
        reason = case
            when c.files = 0 then 'no evidence is left'
            when c.confidence < merging.approval_threshold() then
                format('confidence %s from %s %s; %s is needed', round(c.confidence::numeric, 3), c.files,
                       case c.files when 1 then 'file' else 'files' end, merging.approval_threshold())
            end
    where c.id = candidate
    returning c.*;
end;
comment on function merging.decide_candidate(public.ulid) is 'Approves a candidate, or says why it waits.';

create function merging.publish_pattern(candidate public.ulid) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into central.approved_patterns as known (name, ecosystem, frequency, confidence, description,
        examples, best_practices, instances_count, idiom, shape, shape_hash, files, evidence)
    select c.name, c.ecosystem, c.occurrences, c.confidence, c.description, jsonb_build_array(c.example),
        c.best_practices, c.instances_count, c.idiom, c.shape, c.shape_hash, c.files, c.evidence
    from public.pattern_candidates c
    where c.id = candidate
    on conflict (name, ecosystem) do update
    set frequency = excluded.frequency, confidence = excluded.confidence, description = excluded.description,
        examples = excluded.examples, best_practices = excluded.best_practices,
        instances_count = excluded.instances_count, idiom = excluded.idiom, shape = excluded.shape,
        shape_hash = excluded.shape_hash, files = excluded.files, evidence = excluded.evidence,
        last_synced_at = excluded.last_synced_at
    where (known.frequency, known.confidence, known.description, known.examples, known.best_practices,
           known.instances_count, known.idiom, known.shape, known.shape_hash, known.files, known.evidence)
        is distinct from (excluded.frequency, excluded.confidence, excluded.description, excluded.examples,
           excluded.best_practices, excluded.instances_count, excluded.idiom, excluded.shape,
           excluded.shape_hash, excluded.files, excluded.evidence);
end;
comment on function merging.publish_pattern(public.ulid) is
    'Makes the published table say what the candidate says; an unchanged pattern is not written again.';

create function merging.withdraw_pattern(candidate public.ulid) returns boolean
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with withdrawn as (
        delete from central.approved_patterns a
        using public.pattern_candidates c
        where c.id = candidate and a.name = c.name and a.ecosystem = c.ecosystem
        returning a.id
    )
    select exists (select from withdrawn);
end;
comment on function merging.withdraw_pattern(public.ulid) is
    'Takes a pattern out of the published table; false if it was not in it.';
