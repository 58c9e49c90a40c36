-- Order and equality: operators, sorts and b-trees, minimum and maximum, all as the bytes are ordered.
begin;
select plan(25);

-- Ids made together, ids that share their first bits, ids of far times, and ids that are equal.
create table sample as
    select gen_ulid() as id from generate_series(1, 2000)
    union all select gen_random_uuid()::ulid from generate_series(1, 2000)
    union all select ('01GV5PA9EQG7D8' || lpad(n::text, 12, '0'))::ulid from generate_series(1, 500) as n
    union all select ('01GV5PA9EQG7D8' || lpad(n::text, 12, '0'))::ulid from generate_series(1, 500) as n
    union all select (timestamptz '2109-05-15 07:35:11+00' + n * interval '1 ms')::ulid
        from generate_series(0, 999) as n;

select ok('01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid < '01GV5PA9EQG7D82Q3Y4PKBZSYW'::ulid, 'less in the last bit');
select ok('01GV5PA9EQG7D82Q3Y4PKBZSYW'::ulid > '01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid, 'greater in the last bit');
select ok('3ZZZZZZZZZZZZZZZZZZZZZZZZZ'::ulid < '40000000000000000000000000'::ulid,
    'the first bit counts as unsigned');
select ok('01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid = '01gv5pa9eqg7d82q3y4pkbzsyv'::ulid,
    'equal whatever the case was');
select ok('01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid <> '01GV5PA9EQG7D82Q3Y4PKBZSYW'::ulid,
    'not equal in the last bit');
select is(ulid_cmp('01GV5PA9EQG7D82Q3Y4PKBZSYV', '01GV5PA9EQG7D82Q3Y4PKBZSYV'), 0,
    'compares equal to itself');

select is(count(*), 0::bigint, 'every operator agrees with uuid''s')
from (select id from sample where random() < 0.04) as a, (select id from sample where random() < 0.04) as b
where (a.id < b.id, a.id <= b.id, a.id = b.id, a.id >= b.id, a.id > b.id, a.id <> b.id)
    is distinct from (a.id::uuid < b.id::uuid, a.id::uuid <= b.id::uuid, a.id::uuid = b.id::uuid,
                      a.id::uuid >= b.id::uuid, a.id::uuid > b.id::uuid, a.id::uuid <> b.id::uuid);

select results_eq('select id::uuid from sample order by id', 'select id::uuid from sample order by id::uuid',
    'sorts as uuid does');
select results_eq('select id::text from sample order by id',
    'select id::text from sample order by id::text collate "C"', 'sorts as its text does');
select results_eq('select id::uuid from sample order by id desc nulls last',
    'select id::uuid from sample order by id::uuid desc', 'and backwards');
select results_eq('select rank() over (order by id) as n, id::uuid from sample order by 1',
    'select rank() over (order by id::uuid) as n, id::uuid from sample order by 1', 'and ranks');
set local work_mem = '64kB';
select results_eq('select id::uuid from sample order by id', 'select id::uuid from sample order by id::uuid',
    'and when the sort spills to disk');
reset work_mem;

select is(min(id)::uuid, (select id::uuid from sample order by id::uuid limit 1),
    'has a minimum') from sample;
select is(max(id)::uuid, (select id::uuid from sample order by id::uuid desc limit 1),
    'has a maximum') from sample;
select is(min(id), null, 'which is null for nothing') from sample where false;
select is(count(distinct id), (select count(distinct id::uuid) from sample),
    'counts distinct values') from sample;

create index on sample (id);
analyze sample;
set local enable_seqscan = off;
set local enable_bitmapscan = off;
select results_eq('select id::uuid from sample order by id', 'select id::uuid from sample order by id::uuid',
    'reads a b-tree in order');
select is((select count(*) from sample where id >= low and id < high),
    (select count(*) from sample where id::uuid >= low::uuid and id::uuid < high::uuid),
    'finds a range in a b-tree')
from (values ((timestamptz '2109-05-15 07:35:11+00')::ulid, (timestamptz '2109-05-15 07:35:11.3+00')::ulid))
    as range (low, high);
select is((select count(*) from sample where id = '01GV5PA9EQG7D8000000000007'), 2::bigint,
    'finds equal values in a b-tree');
select is(count(*), 4::bigint, 'finds several at once')
from sample where id = any ('{01GV5PA9EQG7D8000000000007,01GV5PA9EQG7D8000000000009}'::ulid[]);
reset enable_seqscan;
reset enable_bitmapscan;

create temporary table keyed (id ulid primary key);
select lives_ok($$ insert into keyed select gen_monotonic_ulid() from generate_series(1, 1000) $$,
    'is a primary key');
select throws_ok($$ insert into keyed select id from keyed limit 1 $$, '23505', null,
    'of which there is one of each');
select lives_ok($$ insert into keyed select id from keyed on conflict (id) do nothing $$,
    'and finds conflicts');

set local enable_hashjoin = off;
set local enable_nestloop = off;
select is((select count(*) from sample as a join sample as b using (id)),
    (select count(*) from sample as a join sample as b on a.id::uuid = b.id::uuid), 'merges');
select ok(bool_and(amvalidate(oid)), 'has operator classes that the server calls valid')
from pg_opclass where opcintype = 'ulid'::regtype;

select * from finish();
rollback;
