-- What the extension leaves in the catalogue: documented, safe for parallel plans, and movable.
begin;
select plan(9);

create temporary view member as
    select d.classid, d.objid from pg_depend as d join pg_extension as e on d.refobjid = e.oid
    where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname = 'sg_ulid';

-- The array type, and an operator family's members, are part of what has the comment.
select is(array_agg(pg_describe_object(classid, objid, 0) order by 1), null, 'every object has a comment')
from member
where obj_description(objid, classid::regclass::name) is null
    and not (classid = 'pg_type'::regclass and objid = 'ulid[]'::regtype);
select is(array_agg(objid::regprocedure), null, 'every function is safe in parallel plans')
from member join pg_proc on oid = objid and classid = 'pg_proc'::regclass where proparallel <> 's';
select is(array_agg(objid::regprocedure), null, 'every function is strict, aggregates apart')
from member join pg_proc on oid = objid and classid = 'pg_proc'::regclass
where not proisstrict and prokind = 'f';
select results_eq(
    $$ select objid::regprocedure::text
        from member join pg_proc on oid = objid and classid = 'pg_proc'::regclass
        where provolatile <> 'i' order by 1 $$,
    array['gen_monotonic_ulid()', 'gen_ulid()', 'gen_ulids(bigint)', 'monotonic_ulid_advance(ulid)',
          'monotonic_ulid_ahead()'],
    'only generators are volatile');
select is(typlen, 16::smallint,
    'takes sixteen bytes, without a header') from pg_type where oid = 'ulid'::regtype;
select is((typalign, typstorage, typbyval), ('c'::"char", 'p'::"char", false),
    'anywhere in a row, never compressed')
from pg_type where oid = 'ulid'::regtype;
select is(array_agg(castcontext::text), null, 'no cast is implicit')
from pg_cast where 'ulid'::regtype in (castsource, casttarget) and castcontext = 'i';

create schema elsewhere;
select lives_ok('alter extension sg_ulid set schema elsewhere', 'moves to another schema');
select is(elsewhere.ulid_to_uuid(elsewhere.ulid_from_uuid('0186cb65-25d7-81da-815c-7e25a6bfe7db')),
    '0186cb65-25d7-81da-815c-7e25a6bfe7db'::uuid, 'and works there');

select * from finish();
rollback;
