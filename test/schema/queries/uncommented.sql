-- Our schemas, tables, views and functions that say nothing about themselves.
select object from ours
where obj_description(objid, classid::regclass::name) is null and object !~ '^sequence '
order by object
