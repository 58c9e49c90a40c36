-- attempt(): an error ends in it, what was done is undone, and the transaction goes on.
begin;
select plan(15);

create table pg_temp.kept (n int primary key);
select is(bridge.attempt('insert into pg_temp.kept values (1)'), null,
    'a statement that succeeds has no error');
select is(bridge.attempt('insert into pg_temp.kept values (2), (1)'), '23505', 'one that fails says how');
select results_eq('select n from pg_temp.kept', 'values (1)', 'and is undone');
select is(bridge.attempt('select 1 / 0'), '22012', 'the transaction is usable');
insert into pg_temp.kept values (3);
select is(bridge.attempt($$ select bridge.attempt('select 1 / 0') $$), null,
    'an inner attempt ends its own error');
select is(bridge.attempt($$ select bridge.execute('select bridge.attempt(''syntax error''), 1 / 0') $$),
    '22012',
    'an outer one what the inner did not');
create function pg_temp.deep() returns void language plpgsql as $$
begin
    insert into pg_temp.kept values (4);
    perform bridge.execute('insert into pg_temp.kept values (5), (5)');
end
$$;
select is(bridge.attempt('select pg_temp.deep()'), '23505',
    'connections of SPI that failed on top are undone');
select throws_ok($$ select bridge.attempt_and_fail('insert into pg_temp.kept values (6)') $$, 'P0001',
    'changed our mind', 'a failure of our own goes on');
select results_eq('select n from pg_temp.kept order by n', 'values (1), (3)', 'nothing that failed was kept');
select throws_ok($$ select bridge.attempt('select bridge.drop_error(''select 1 / 0'')'), 1 / 0 $$,
    '22012', null,
    'a dropped error is an error like others');
select is(bridge.live_objects(), 0, 'destructors ran');

-- A lock of shared memory that an error found held.
select throws_ok('select bridge.fail_under_lock()', 'P0001', 'held a lock',
    'an error passes a lock''s owner');
select throws_ok('select bridge.fail_under_lock()', 'P0001', 'held a lock', 'who gave it back');
select is(bridge.attempt_under_lock(), 0::bigint, 'before the subtransaction went');
select is(bridge.interrupts_held(), 0, 'and took interrupts up again');

select * from finish();
rollback;
