-- Our functions whose search_path is not pinned. Procedures that end transactions are refused a pinned one.
select object from ours join pg_proc on oid = objid and classid = 'pg_proc'::regclass
where not coalesce(proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']
    and not (prokind = 'p' and prosrc ~ '\m(commit|queue\.wait\w*)\M')
order by object
