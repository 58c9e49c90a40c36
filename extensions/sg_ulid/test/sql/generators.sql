-- Generators: what an id says, in which order ids come, and how the sequence is seen and moved.
begin;
select plan(27);

create temporary table moment as select clock_timestamp() as before;
select ok(gen_ulid()::timestamptz between date_trunc('milliseconds', before) and clock_timestamp(),
    'gen_ulid() tells the time')
from moment;
select ok(gen_monotonic_ulid()::timestamptz >= date_trunc('milliseconds', before),
    'gen_monotonic_ulid() is not before its time')
from moment;

select is(count(distinct id), 200000::bigint, 'gen_ulid() makes each id once')
from (select gen_ulid() as id from generate_series(1, 200000)) as made;
select is(count(distinct substr(id::bytea, 7)), 100000::bigint, 'with randomness of its own each')
from (select gen_ulid() as id from generate_series(1, 100000)) as made;
select is(count(distinct substr(id::bytea, 9)), 100000::bigint,
    'which the random half of monotonic ids has too')
from (select gen_monotonic_ulid() as id from generate_series(1, 100000)) as made;
select ok(bool_and(id > before), 'gen_monotonic_ulid() makes increasing ids')
from (select id, lag(id) over () as before
      from (select gen_monotonic_ulid() as id from generate_series(1, 200000)) as made) as pairs
where before is not null;

select is(count(*), 100000::bigint, 'gen_ulids(n) makes n ids') from gen_ulids(100000);
select ok(bool_and(id > before), 'in increasing order')
from (select id, lag(id) over () as before from gen_ulids(100000) as id) as pairs where before is not null;
select is(count(*), 0::bigint, 'none when none are asked for') from gen_ulids(0);
select is(count(*), 0::bigint, 'none for null') from gen_ulids(null);
select is(count(*), 3::bigint, 'as many as are read') from (select gen_ulids(1000000000000) limit 3) as few;
select throws_ok('select * from gen_ulids(-1)', '22023', 'number of ULIDs must not be negative',
    'refuses a negative number');
select ok(bool_and(gen_monotonic_ulid() > id), 'shares the sequence of gen_monotonic_ulid()')
from (select gen_ulids(1000) as id) as made;

create temporary table made (step serial, id ulid not null);
insert into made (id) values (gen_monotonic_ulid());
insert into made (id) select gen_ulids(10);
insert into made (id) values (gen_monotonic_ulid());
savepoint before_rollback;
select gen_monotonic_ulid() as undone \gset
rollback to before_rollback;
insert into made (id) values (gen_monotonic_ulid());
select ok((select max(id) from made) > :'undone', 'goes on after a rollback');
select results_eq('select id from made order by id', 'select id from made order by step',
    'orders ids over statements');

-- As if the clock had stepped back by a minute.
select (clock_timestamp() + interval '1 minute')::ulid as ahead \gset
select ok(monotonic_ulid_advance(:'ahead'), 'the sequence is moved past an id');
select ok(not monotonic_ulid_advance(:'ahead'), 'once');
select ok(monotonic_ulid_ahead() between interval '30 seconds' and interval '1 minute',
    'and tells how far it is ahead of the clock');
select ok(gen_monotonic_ulid() > :'ahead', 'a clock behind the last id does not break the order');
select ok(bool_and(id > before and before > :'ahead'), 'for as many ids as are made meanwhile')
from (select id, lag(id) over () as before
      from (select gen_monotonic_ulid() as id from generate_series(1, 200000)) as made) as pairs
where before is not null;
select ok(gen_ulid() < :'ahead', 'gen_ulid() goes by the clock all the same');
select throws_ok($$ select monotonic_ulid_advance((clock_timestamp() + interval '25 hours')::ulid) $$,
    '22023', null, 'is not moved by more than a day');
select throws_ok($$ select monotonic_ulid_advance('7ZZZZZZZZZZZZZZZZZZZZZZZZZ') $$, '22023', null,
    'let alone to the end of time');
select ok(not monotonic_ulid_advance('00000000000000000000000000'), 'an id of the past moves nothing');

create role ulid_user nosuperuser;
set local role ulid_user;
select lives_ok('select gen_ulid(), gen_monotonic_ulid(), gen_ulids(1), monotonic_ulid_ahead()',
    'everybody makes ids');
select throws_ok($$ select monotonic_ulid_advance('01GV5PA9EQG7D82Q3Y4PKBZSYV') $$, '42501', null,
    'only who was granted it moves the sequence');
reset role;
select ok(has_function_privilege('ulid_user', 'ulid_parse_lenient(text)', 'execute'),
    'nothing else is withheld');

select * from finish();
rollback;
