-- What people may see of an instance.

create schema api;
comment on schema api is 'Views and functions for people: what the console, /metrics and role console read.';
grant usage on schema api to console;

create view api.patterns as
    select name, ecosystem, idiom, confidence, files, frequency, instances_count, description, best_practices,
        examples, evidence, approved_at, last_synced_at
    from central.approved_patterns;
comment on view api.patterns is 'Approved patterns, as replicated from CentralCloud.';

create view api.learned_patterns as
    select name, ecosystem, idiom, confidence, files, occurrences, revision, description, best_practices,
        example, evidence, stale, first_seen_at, updated_at
    from public.learned_patterns;
comment on view api.learned_patterns is 'Patterns that this instance learned itself, approved or not.';

create function api.search_patterns(words text)
    returns table (name text, ecosystem text, idiom text, confidence double precision, files integer,
        description text, rank real)
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    with query as (
        select replace(plainto_tsquery('english', translate(words, '-_/', '   '))::text, '&', '|')::tsquery
            as any_word
    )
    select p.name, p.ecosystem, p.idiom, p.confidence, p.files, p.description,
        ts_rank(central.search_document(p.name, p.idiom, p.description, p.best_practices), query.any_word)
            as rank
    from query
    join central.approved_patterns p
        on central.search_document(p.name, p.idiom, p.description, p.best_practices) @@ query.any_word
    order by rank desc, p.confidence desc, p.name, p.ecosystem;
end;
comment on function api.search_patterns(text) is
    'Approved patterns that hold any of the words, the best match first.';
revoke execute on function api.search_patterns(text) from public;
grant execute on function api.search_patterns(text) to console;

create view api.agents as
    select name, kind, capacity, known_patterns, last_seen_at, created_at
    from public.agents;
comment on view api.agents is 'The agents of this instance.';

create view api.analyses as
    select repository, language, count(*) as files, count(*) filter (where not learned) as unlearned,
        max(analyzed_at) as last_analyzed_at
    from public.analysis_results
    group by repository, language;
comment on view api.analyses is 'What was analysed: repositories by language.';

create function api.queue_metrics() returns setof pgmq.metrics_result
    language sql volatile security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    select * from pgmq.metrics_all();
end;
comment on function api.queue_metrics() is
    'Length, ages and totals of every local queue, with the rights of their owner.';
revoke execute on function api.queue_metrics() from public;
grant execute on function api.queue_metrics() to console;

create view api.queues as
    select m.queue_name, r.shared_queue, m.queue_length, m.queue_visible_length, m.oldest_msg_age_sec,
        m.newest_msg_age_sec, m.total_messages
    from api.queue_metrics() m
    left join public.outbox_routes r on r.local_queue = m.queue_name;
comment on view api.queues is 'Local queues, and where the relay carries them.';

create view api.sync_log as
    select sent_at, queue, name, ecosystem, revision, request_id, shared_msg_id
    from public.learning_sync_log;
comment on view api.sync_log is 'What was sent to CentralCloud.';

create view api.replication as
    select sub.subname::text as subscription, sub.subenabled as enabled, worker.pid is not null as running,
        worker.latest_end_lsn, worker.latest_end_time, coalesce(errors.apply_error_count, 0) as apply_errors,
        coalesce(errors.sync_error_count, 0) as sync_errors
    from pg_subscription sub
    left join pg_stat_subscription worker on worker.subid = sub.oid and worker.worker_type = 'apply'
    left join pg_stat_subscription_stats errors on errors.subid = sub.oid
    where sub.subdbid = (select oid from pg_database where datname = current_database());
comment on view api.replication is 'The subscriptions of this database, and whether they run without errors.';

grant select on api.patterns, api.learned_patterns, api.agents, api.analyses, api.queues, api.sync_log,
    api.replication to console;
