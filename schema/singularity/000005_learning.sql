-- From analyses to patterns: learn_patterns_from_analysis() and its steps, in schema learning.
--
-- The confidence of a pattern is m * n / (n + 1/2): n is the number of distinct file contents that
-- count, m the mean of their structural confidences. At most five contents of a folder and twenty in
-- all count, those with the lowest hashes, so that the order of arrival leaves no trace.
-- docs/learning.md has the reasons.

create schema learning;
comment on schema learning is 'The steps of learn_patterns_from_analysis.';

-- Rows that somebody is writing at this moment are left for the next run: waiting for them while
-- holding others could deadlock.
create function learning.claim_analyses() returns public.ulid[]
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with unlearned as (
        select a.id
        from public.analysis_results a
        where not a.learned
        for update skip locked
    ), claimed as (
        update public.analysis_results a
        set learned = true, learned_at = clock_timestamp()
        from unlearned
        where a.id = unlearned.id
        returning a.id
    )
    select coalesce(array_agg(id), '{}') from claimed;
end;
comment on function learning.claim_analyses() is
    'Marks what is not learned as learned and returns it, locked.';

create function learning.occurrences(analyses public.ulid[])
    returns table (analysis_id public.ulid, place integer, pattern_name text, ecosystem text, idiom text,
        function text, start_line integer, end_line integer, confidence double precision)
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select a.id, found.place::integer - 1, found.pattern_name, found.language, found.idiom, found.function,
        found.start_line, found.end_line, found.confidence
    from public.analysis_results a
    cross join lateral rows from (
        jsonb_to_recordset(a.result -> 'occurrences') as (pattern_name text, language text, idiom text,
            function text, start_line integer, end_line integer, confidence double precision)
    ) with ordinality as found (pattern_name, language, idiom, function, start_line, end_line, confidence,
        place)
    where a.id = any (analyses);
end;
comment on function learning.occurrences(public.ulid[]) is 'The occurrences in some analyses, as rows.';

create function learning.replace_evidence(analyses public.ulid[]) returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    delete from public.pattern_occurrences o
    where o.analysis_id = any (analyses);

    insert into public.learned_patterns (name, ecosystem, idiom)
    select o.pattern_name, o.ecosystem, min(o.idiom)
    from learning.occurrences(analyses) o
    group by o.pattern_name, o.ecosystem
    order by o.pattern_name, o.ecosystem
    on conflict (name, ecosystem) do nothing;

    insert into public.pattern_occurrences (analysis_id, place, pattern_id, function, start_line, end_line,
        confidence)
    select o.analysis_id, o.place, p.id, o.function, o.start_line, o.end_line, o.confidence
    from learning.occurrences(analyses) o
    join public.learned_patterns p on p.name = o.pattern_name and p.ecosystem = o.ecosystem;
end;
comment on function learning.replace_evidence(public.ulid[]) is
    'Makes the evidence of some analyses what they say; patterns that are new come to be.';

create view learning.contents as
    with file as (
        select o.pattern_id, a.repository, a.folder, a.path, a.content_hash, count(*) as occurrences,
            trim_scale(round(avg(o.confidence::numeric), 6)) as confidence,
            (array_agg(o order by o.start_line, o.place))[1] as first
        from public.learned_patterns p
        join public.pattern_occurrences o on o.pattern_id = p.id
        join public.analysis_results a on a.id = o.analysis_id
        where p.stale
        group by o.pattern_id, a.id
    )
    select distinct on (pattern_id, content_hash) pattern_id, content_hash, repository, folder, path,
        (first).function, (first).start_line, (first).end_line, confidence, occurrences
    from file
    order by pattern_id, content_hash, repository, path;
comment on view learning.contents is
    'Stale patterns: the distinct file contents that hold each; of copies, the first.';

create view learning.counted as
    with in_folder as (
        select c.*,
            row_number() over (partition by c.pattern_id, c.repository, c.folder order by c.content_hash)
                as folder_place
        from learning.contents c
    ), in_all as (
        select i.*, row_number() over (partition by pattern_id order by content_hash) as place
        from in_folder i
        where folder_place <= 5
    )
    select pattern_id, repository, path, folder, content_hash, function, start_line, end_line, confidence,
        occurrences
    from in_all
    where place <= 20;
comment on view learning.counted is
    'Stale patterns: the contents that count, five a folder and twenty in all at most.';

create view learning.clearest as
    with best as (
        select distinct on (o.pattern_id) o.*, a.repository, a.path
        from public.learned_patterns p
        join public.pattern_occurrences o on o.pattern_id = p.id
        join public.analysis_results a on a.id = o.analysis_id
        where p.stale
        order by o.pattern_id, o.confidence desc, o.end_line - o.start_line, a.content_hash, a.repository,
            a.path, o.place
    ), worded as (
        select best.*, a.result -> 'occurrences' -> best.place as occurrence
        from best
        join public.analysis_results a on a.id = best.analysis_id
    )
    select pattern_id, occurrence ->> 'idiom' as idiom, occurrence ->> 'shape' as shape,
        occurrence ->> 'shape_hash' as shape_hash, occurrence ->> 'description' as description,
        array(select jsonb_array_elements_text(occurrence -> 'best_practices')) as best_practices,
        jsonb_build_object('code', occurrence -> 'snippet', 'repository', repository, 'path', path,
            'function', function, 'start_line', start_line, 'end_line', end_line) as example
    from worded;
comment on view learning.clearest is
    'Stale patterns: the occurrence of the highest confidence, of these the shortest; it lends its words.';

create view learning.measured as
    with spread as (
        select pattern_id, count(*) as files, sum(occurrences) as occurrences
        from learning.contents
        group by pattern_id
    ), weight as (
        select pattern_id,
            round(avg(confidence) * count(*) / (count(*) + 0.5), 6)::double precision as confidence,
            jsonb_agg(to_jsonb(c) - 'pattern_id' order by content_hash) as evidence
        from learning.counted c
        group by pattern_id
    )
    select p.id,
        coalesce(c.idiom, p.idiom) as idiom,
        coalesce(c.shape, p.shape) as shape,
        coalesce(c.shape_hash, p.shape_hash) as shape_hash,
        coalesce(c.description, p.description) as description,
        coalesce(c.best_practices, p.best_practices) as best_practices,
        coalesce(w.confidence, 0) as confidence,
        coalesce(s.occurrences, 0)::integer as occurrences,
        coalesce(s.files, 0)::integer as files,
        coalesce(w.evidence, '[]') as evidence,
        coalesce(c.example, '{}') as example
    from public.learned_patterns p
    left join spread s on s.pattern_id = p.id
    left join weight w on w.pattern_id = p.id
    left join learning.clearest c on c.pattern_id = p.id
    where p.stale;
comment on view learning.measured is
    'Stale patterns as their evidence has them now; one without evidence keeps its words.';

create function learning.measure_patterns() returns public.ulid[]
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with compared as (
        select m.*,
            (p.idiom, p.shape, p.shape_hash, p.description, p.best_practices, p.confidence, p.occurrences,
                p.files, p.evidence, p.example)
            is distinct from (m.idiom, m.shape, m.shape_hash, m.description, m.best_practices, m.confidence,
                m.occurrences, m.files, m.evidence, m.example) as changed
        from learning.measured m
        join public.learned_patterns p on p.id = m.id
    ), updated as (
        update public.learned_patterns p
        set idiom = c.idiom, shape = c.shape, shape_hash = c.shape_hash, description = c.description,
            best_practices = c.best_practices, confidence = c.confidence, occurrences = c.occurrences,
            files = c.files, evidence = c.evidence, example = c.example, stale = false,
            revision = p.revision + c.changed::integer,
            updated_at = case when c.changed then clock_timestamp() else p.updated_at end
        from compared c
        where p.id = c.id
        returning p.id, c.changed
    )
    select coalesce(array_agg(id) filter (where changed), '{}') from updated;
end;
comment on function learning.measure_patterns() is
    'Measures the stale patterns and returns those that are not what they were.';

create function learning.request_id(instance text, incarnation public.ulid, name text, ecosystem text,
    revision integer) returns uuid
    language sql immutable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    with hash as (
        select sha256(convert_to(jsonb_build_array(instance, incarnation::text, name, ecosystem, revision)::text,
                                 'UTF8')) as it
    ), stamped as (
        select set_byte(set_byte(it, 6, get_byte(it, 6) & 15 | 128), 8, get_byte(it, 8) & 63 | 128) as it
        from hash
    )
    select encode(substring(it for 16), 'hex')::uuid
    from stamped;
end;
comment on function learning.request_id(text, public.ulid, text, text, integer) is
    'The request_id of one revision of one pattern: a UUID of version 8 (RFC 9562) from its SHA-256.';

create function learning.message(pattern public.learned_patterns) returns jsonb
    language sql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_object(
        'schema_version', 1,
        'request_id',
            learning.request_id(instance.id, instance.incarnation, pattern.name, pattern.ecosystem,
                                pattern.revision),
        'instance_id', instance.id,
        'incarnation', instance.incarnation::text,
        'name', pattern.name,
        'ecosystem', pattern.ecosystem,
        'idiom', pattern.idiom,
        'shape', pattern.shape,
        'shape_hash', pattern.shape_hash,
        'description', pattern.description,
        'best_practices', to_jsonb(pattern.best_practices),
        'confidence', pattern.confidence,
        'occurrences', pattern.occurrences,
        'files', pattern.files,
        'revision', pattern.revision,
        'evidence', pattern.evidence,
        'example', pattern.example,
        'enqueued_at', to_jsonb(clock_timestamp()))
    from public.instance instance;
end;
comment on function learning.message(public.learned_patterns) is
    'What CentralCloud is told of a pattern; the contract is the schema pattern_discovery.json.';

create function learning.publish_patterns(patterns public.ulid[]) returns integer
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    with outgoing as (
        select array_agg(learning.message(p) order by p.name, p.ecosystem) as messages
        from public.learned_patterns p
        where p.id = any (patterns)
    )
    select count(sent.msg_id)::integer
    from outgoing
    cross join lateral pgmq.send_batch('centralcloud-new-patterns', outgoing.messages) as sent (msg_id);
end;
comment on function learning.publish_patterns(public.ulid[]) is
    'Queues a message for each of these patterns.';

create function public.learn_patterns_from_analysis(
    out analyzed integer, out patterns_changed integer, out queued integer)
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    claimed public.ulid[];
    changed public.ulid[];
begin
    perform pg_advisory_xact_lock(hashtextextended('public.learn_patterns_from_analysis', 0));
    claimed := learning.claim_analyses();
    perform learning.replace_evidence(claimed);
    if cardinality(claimed) > 50 then
        -- Measuring what just came in by plans made for what was there before takes a hundred times longer.
        analyze public.analysis_results, public.pattern_occurrences, public.learned_patterns;
    end if;
    changed := learning.measure_patterns();
    analyzed := cardinality(claimed);
    patterns_changed := cardinality(changed);
    queued := learning.publish_patterns(changed);
end
$$;
comment on function public.learn_patterns_from_analysis() is
    'Learns from what was analysed since the last run: evidence, patterns, and a message to CentralCloud for '
    'each pattern that changed, in one transaction. Two at once take turns; a second run changes nothing.';
revoke execute on function public.learn_patterns_from_analysis() from public;
