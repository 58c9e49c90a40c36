-- Object, owner and what others may do with it, separated by tabs: "console: select; nexus: insert".
with privilege as (
    select object, owner, grantee, lower(privilege_type) as privilege, null as columns
    from ours cross join lateral aclexplode(acl)
    union all
    select object, owner, grantee, lower(privilege_type), string_agg(attname, ', ' order by attname)
    from ours
    join pg_attribute on attrelid = objid and classid = 'pg_class'::regclass
    cross join lateral aclexplode(attacl)
    group by object, owner, grantee, privilege_type
    union all
    select 'database', datdba, grantee, lower(privilege_type), null
    from pg_database cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba)))
    where datname = current_database()
), granted as (
    select object, owner, case grantee when 0 then 'public' else grantee::regrole::text end || ': '
        || string_agg(privilege || coalesce(' (' || columns || ')', ''), ', ' order by privilege, columns) as rights
    from privilege
    where grantee <> owner
    group by object, owner, grantee
), object as (
    select object, owner from ours
    union
    select object, owner from privilege
)
select concat_ws(E'\t', object, owner::regrole::text, coalesce(string_agg(rights, '; ' order by rights), ''))
from object left join granted using (object, owner)
group by object, owner
