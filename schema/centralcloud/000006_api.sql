-- What people may see of CentralCloud.

create schema api;
comment on schema api is 'Views and functions for people: what the console, /metrics and role console read.';
grant usage on schema api to console;

create view api.patterns as
    select name, ecosystem, idiom, confidence, files, frequency, instances_count, description, approved_at,
        last_synced_at
    from central.approved_patterns;
comment on view api.patterns is 'Approved patterns.';

create view api.candidates as
    select name, ecosystem, idiom, status, confidence, files, occurrences, instances_count, reason,
        description, created_at, updated_at
    from public.pattern_candidates;
comment on view api.candidates is 'Every pattern that was discovered, with why it waits.';

create view api.evidence as
    select c.name, c.ecosystem, e.instance_id, e.repository, e.path, e.function, e.start_line, e.end_line,
        e.confidence, e.occurrences
    from public.pattern_evidence e
    join public.pattern_candidates c on c.id = e.candidate_id;
comment on view api.evidence is 'Where each pattern was found, by file and lines.';

create view api.sync_log as
    select synced_at, instance_id, operation, entity, detail
    from central.sync_log;
comment on view api.sync_log is 'What instances sent and what came of it.';

create view api.publications as
    select publication.pubname::text as publication, format('%I.%I', schemaname, tablename) as table_name,
        concat_ws(', ', case when pubinsert then 'insert' end, case when pubupdate then 'update' end,
            case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end) as publishes
    from pg_publication publication
    left join pg_publication_tables published on published.pubname = publication.pubname;
comment on view api.publications is 'What this database publishes.';

create view api.replication as
    select slot_name::text as slot, active, wal_status, inactive_since, invalidation_reason,
        pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) as lag_bytes,
        pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) as retained_bytes, safe_wal_size
    from pg_replication_slots
    where slot_type = 'logical' and database = current_database();
comment on view api.replication is 'The subscribers'' slots: who follows, and how far behind.';
comment on column api.replication.retained_bytes is 'WAL that is kept on disk for this subscriber.';

grant select on api.patterns, api.candidates, api.evidence, api.sync_log, api.publications,
    api.replication to console;
