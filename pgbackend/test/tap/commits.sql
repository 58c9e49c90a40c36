-- Procedures that end transactions.
call bridge.insert_one_by_one(3);
begin;
select plan(2);
select is(count(distinct transaction), 3::bigint, 'a procedure commits as it goes') from bridge.arrived;
select is(sum(number), 6::numeric, 'with what it did') from bridge.arrived;
select * from finish();
rollback;
