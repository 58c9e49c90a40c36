-- Our functions whose search_path is not pinned.
select object from ours join pg_proc on oid = objid and classid = 'pg_proc'::regclass
where not coalesce(proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']
order by object
