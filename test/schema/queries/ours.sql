-- A temporary view of the objects that are ours: all but PostgreSQL's and the extensions'. pgmq.meta is an
-- extension's, but has grants of ours; schema public is PostgreSQL's.
create temporary view ours as
    with every (classid, objid, kind, schema, name, owner, acl) as (
        select 'pg_namespace'::regclass, oid, 'schema', null, nspname, nspowner,
            coalesce(nspacl, acldefault('n', nspowner))
        from pg_namespace
        where nspname <> 'public'
        union all
        select 'pg_class'::regclass, oid, case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end,
            relnamespace::regnamespace::text, relname, relowner,
            coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
        from pg_class
        where relkind in ('r', 'p', 'v', 'm', 'S')
        union all
        select 'pg_proc'::regclass, oid, 'function', pronamespace::regnamespace::text, proname, proowner,
            coalesce(proacl, acldefault('f', proowner))
        from pg_proc
    )
    select classid, objid, concat_ws(' ', kind, concat_ws('.', schema, name)) as object, owner, acl
    from every
    where coalesce(schema, name) !~ '^pg_' and coalesce(schema, name) <> 'information_schema'
        and ((schema = 'pgmq' and name in ('meta', 'notify_insert_throttle')) or not exists (
            select from pg_depend d
            where d.classid = every.classid and d.objid = every.objid and d.deptype = 'e'));
