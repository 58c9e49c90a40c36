-- Sets of rows as results, and rows that SPI reads.
begin;
select plan(20);

select results_eq('select * from bridge.series(3)', 'values (1::bigint), (2), (3)', 'a set of numbers');
select is_empty('select * from bridge.series(0)', 'an empty set');
select is_empty('select * from bridge.series(-1)', 'nothing for less');
select results_eq('select bridge.series(2) + 1', 'values (2::bigint), (3)', 'a set in the select list');
select is(count(*), 300000::bigint, 'a set beyond work_mem') from bridge.series(300000);
select is(sum(s), 9::numeric, 'a set for each row')
from generate_series(1, 3) as n, bridge.series(2) as s;
select results_eq('select id, name from bridge.pairs(3)',
    $$ values (1::bigint, 'number 1'), (2, null), (3, 'number 3') $$, 'a set of rows, with nulls');
select is_empty('select * from bridge.pairs(0)', 'an empty set of rows');
select throws_ok('select * from bridge.pairs(null)', '22004', 'argument 1 must not be null',
    'an error instead of rows');
select throws_ok('select * from bridge.mistyped()', '42804', null,
    'rows of other types than declared are refused');

select results_eq($$ select id, name from bridge.find_numbers(3, 'n') $$,
    $$ values (1::bigint, 'n1'), (2, 'n2'), (3, null) $$, 'a kept statement is run with its arguments');
select is(count(*), 5::bigint, 'again') from bridge.find_numbers(5, 'm') where name like 'm%' or name is null;
select is(count(name), 0::bigint, 'with a null') from bridge.find_numbers(5, null);
select is(bridge.concatenate('a'), 'a5-', 'a statement of the moment too');
select is(bridge.first_bigint('select 8::bigint'), 8::bigint, 'a row is read');
select is(bridge.first_bigint('select 8::bigint where false'), null, 'or there is none');
select throws_ok($$ select bridge.first_bigint('select 8') $$, '42804', null,
    'a column of another type is refused');
select throws_ok($$ select bridge.first_bigint('select null::bigint') $$, '22004',
    'column 1 must not be null',
    'a null is refused where it must not be');
select throws_ok($$ select bridge.first_bigint('select 1 / 0') $$, '22012', null,
    'a failing statement says why');
select throws_ok('call bridge.insert_one_by_one(1)', '2D000', 'must be called at top level',
    'a procedure that commits is refused in a block');
select * from finish();
rollback;
