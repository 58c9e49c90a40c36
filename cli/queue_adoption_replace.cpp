// The step of an adoption that puts sg_queue in the old extension's place: one transaction, so that every
// other session sees the old queues or the new ones and never none.
//
// Functions and views that others built on the old functions or types would keep these from being dropped:
// they are noted with owner, grants and comment, dropped, and made again from their definitions. What depends
// on the old extension in another way (a column's type, say) stops the step, and nothing has changed.
#include "cli/queue_adoption.hpp"

namespace singularity::cli {

namespace {

constexpr std::string_view kReplaceSql = R"(
set local search_path = pg_catalog, pg_temp;
set local check_function_bodies = off;
lock table pgmq.meta in access exclusive mode;

create temporary table kept_member on commit drop as
    select d.classid, d.objid
    from pg_depend d
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
    where e.extname in ('pgmq', 'sg_queue') and d.deptype = 'e';
insert into kept_member
    select d.classid, d.objid
    from kept_member m
    join pg_depend d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype = 'i'
    union
    select 'pg_class'::regclass, t.typrelid
    from kept_member m
    join pg_type t on m.classid = 'pg_type'::regclass and t.oid = m.objid and t.typrelid <> 0;

create temporary table kept_user on commit drop as
    with recursive dependent (classid, objid, level) as (
        select found.classid, found.objid, 1
        from kept_member m
        join pg_depend d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype in ('n', 'a')
        cross join lateral (
            select d.classid, d.objid where d.classid = 'pg_proc'::regclass
            union all
            select 'pg_class'::regclass, r.ev_class from pg_rewrite r
            where d.classid = 'pg_rewrite'::regclass and r.oid = d.objid) found (classid, objid)
        union
        select found.classid, found.objid, u.level + 1
        from dependent u
        join pg_depend d on d.deptype in ('n', 'a')
            and (d.refclassid = u.classid and d.refobjid = u.objid
                 or u.classid = 'pg_class'::regclass and d.refclassid = 'pg_type'::regclass
                    and d.refobjid = (select c.reltype from pg_class c where c.oid = u.objid))
        cross join lateral (
            select d.classid, d.objid where d.classid = 'pg_proc'::regclass
            union all
            select 'pg_class'::regclass, r.ev_class from pg_rewrite r
            where d.classid = 'pg_rewrite'::regclass and r.oid = d.objid and r.ev_class <> u.objid
        ) found (classid, objid)
        where u.level < 20
    )
    select classid, objid, max(level) as level
    from dependent
    where not exists (
        select from kept_member m where m.classid = dependent.classid and m.objid = dependent.objid)
    group by classid, objid;

create temporary table kept_statement on commit drop as
    select level, 0 as place, 'drop ' || case prokind when 'p' then 'procedure ' else 'function ' end
        || objid::regprocedure as old, pg_get_functiondef(objid) as new
    from kept_user join pg_proc on classid = 'pg_proc'::regclass and pg_proc.oid = objid
    union all
    select level, 0, 'drop view ' || objid::regclass,
        format('create view %s%s as %s', objid::regclass,
               ' with (' || array_to_string(reloptions, ', ') || ')', pg_get_viewdef(objid))
    from kept_user join pg_class on classid = 'pg_class'::regclass and pg_class.oid = objid and relkind = 'v'
    union all
    select level, 1, null,
        format('alter %s %s owner to %s', subject.kind, subject.name, subject.owner::regrole)
    from kept_user
    cross join lateral (
        select case prokind when 'p' then 'procedure' else 'function' end, objid::regprocedure::text, proowner
        from pg_proc where classid = 'pg_proc'::regclass and pg_proc.oid = objid
        union all
        select 'view', objid::regclass::text, relowner
        from pg_class where classid = 'pg_class'::regclass and pg_class.oid = objid
    ) subject (kind, name, owner)
    union all
    select level, 2, null, format('revoke all on function %s from public', objid::regprocedure)
    from kept_user
    join pg_proc on classid = 'pg_proc'::regclass and pg_proc.oid = objid and proacl is not null
    union all
    select level, 3, null, format('grant %s on %s to %s%s', item.privilege_type, subject.name,
        case item.grantee when 0 then 'public' else item.grantee::regrole::text end,
        case when item.is_grantable then ' with grant option' else '' end)
    from kept_user
    cross join lateral (
        select 'function ' || objid::regprocedure, proacl
        from pg_proc where classid = 'pg_proc'::regclass and pg_proc.oid = objid
        union all
        select objid::regclass::text, relacl
        from pg_class where classid = 'pg_class'::regclass and pg_class.oid = objid
    ) subject (name, acl)
    cross join lateral aclexplode(subject.acl) item
    union all
    select level, 4, null, format('comment on %s is %L', subject.name, d.description)
    from kept_user u
    join pg_description d on d.classoid = u.classid and d.objoid = u.objid
    cross join lateral (
        select case when u.classid = 'pg_proc'::regclass then 'function ' || u.objid::regprocedure
            when d.objsubid = 0 then 'view ' || u.objid::regclass
            else format('column %s.%I', u.objid::regclass,
                (select attname from pg_attribute where attrelid = u.objid and attnum = d.objsubid)) end
    ) subject (name);

create temporary table kept_meta on commit drop as
    select queue_name, is_partitioned, is_unlogged, created_at from pgmq.meta;
create temporary table kept_grant on commit drop as
    select format('grant %s on pgmq.%I to %s', item.privilege_type, relname,
        case item.grantee when 0 then 'public' else item.grantee::regrole::text end) as statement
    from pg_class
    cross join lateral aclexplode(relacl) item
    where relnamespace = 'pgmq'::regnamespace
        and relname in ('meta', 'topic_bindings', 'notify_insert_throttle');
create temporary table kept_binding (pattern text, queue_name text, bound_at timestamptz) on commit drop;
create temporary table kept_throttle (
    queue_name text, throttle_interval_ms integer, last_notified_at timestamptz) on commit drop;
create temporary table kept_trigger on commit drop as
    select tgname, tgrelid, relname
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join kept_member on classid = 'pg_proc'::regclass and objid = tgfoid
    where not tgisinternal;

do $replace$
declare
    item record;
    by_its_name constant boolean := exists (select from pg_extension where extname = 'pgmq');
begin
    if to_regclass('pgmq.topic_bindings') is not null then
        insert into kept_binding select pattern, queue_name, bound_at from pgmq.topic_bindings;
    end if;
    if to_regclass('pgmq.notify_insert_throttle') is not null then
        insert into kept_throttle
        select queue_name, throttle_interval_ms, last_notified_at from pgmq.notify_insert_throttle;
    end if;
    for item in select * from kept_trigger loop
        execute format('drop trigger %I on %s', item.tgname, item.tgrelid::regclass);
    end loop;
    for item in select old from kept_statement where old is not null order by level desc loop
        execute item.old;
    end loop;
    drop extension if exists pgmq;
    drop extension if exists sg_queue;
    if by_its_name then
        create extension pgmq cascade;
    else
        create extension sg_queue;
    end if;
    for item in select new from kept_statement order by level, place loop
        execute item.new;
    end loop;
end
$replace$;

insert into pgmq.meta (queue_name, is_partitioned, is_unlogged, created_at)
    select queue_name, is_partitioned, is_unlogged, created_at from kept_meta;
insert into pgmq.meta (queue_name, is_partitioned, is_unlogged)
    select substr(q.relname, 3), q.relkind = 'p', q.relpersistence = 'u'
    from pg_class q
    join pg_class a on a.relnamespace = q.relnamespace and a.relname = 'a_' || substr(q.relname, 3)
    where q.relnamespace = 'pgmq'::regnamespace and q.relname ~ '^q_.' and q.relkind in ('r', 'p')
        and not q.relispartition
        and 3 = (select count(*) from pg_attribute
                 where attrelid = q.oid and attname in ('msg_id', 'vt', 'message') and not attisdropped)
    on conflict do nothing;
insert into pgmq.topic_bindings (pattern, queue_name, bound_at)
    select b.pattern, b.queue_name, b.bound_at from kept_binding b join pgmq.meta using (queue_name);
insert into pgmq.notify_insert_throttle (queue_name, throttle_interval_ms, last_notified_at)
    select t.queue_name, t.throttle_interval_ms, t.last_notified_at
    from kept_throttle t join pgmq.meta using (queue_name);

do $restore$
declare
    item record;
begin
    for item in select statement from kept_grant loop
        execute item.statement;
    end loop;
    for item in select distinct relname from kept_trigger where relname ~ '^q_' loop
        perform pgmq._notify_on_insert(item.relname, exists (
            select from kept_throttle t where 'q_' || lower(t.queue_name) = item.relname));
    end loop;
end
$restore$;
)";

}  // namespace

std::string_view replace_extension_sql() {
    return kReplaceSql;
}

}  // namespace singularity::cli
