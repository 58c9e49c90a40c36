-- Memory that sessions share, and the worker that shares it with them. Each statement is a transaction of its
-- own: within one, pg_stat_activity stands still.
set statement_timeout = '60s';
select bridge.write_note('first');
select bridge.write_note(repeat('second', 100000));
-- Another session from here on.
\connect -
set statement_timeout = '60s';
select plan(11);

create procedure pg_temp.await(condition text) language plpgsql as $$
declare
    fulfilled boolean;
begin
    loop
        perform pg_stat_clear_snapshot();
        execute 'select ' || condition into fulfilled;
        exit when fulfilled;
        perform pg_sleep(0.01);
    end loop;
end
$$;

select is(bridge.lock_name(), 'sg_bridge_test/board/1',
    'a session that only finds a segment names its locks');
select is(bridge.read_note(), repeat('second', 100000), 'what one session wrote another reads');
select lives_ok($$ select bridge.write_note('third') $$, 'and replaces');
select is(bridge.read_note(), 'third', 'in the heap of both');

select bridge.ticks() as before \gset
select bridge.start_ticker() as ticker \gset
call pg_temp.await(format('bridge.ticks() >= %s + 3', :before));
select cmp_ok(count(*), '>=', 3::bigint, 'a worker does its rounds, each in a transaction')
    from bridge.arrived;
call pg_temp.await($$ exists (select from pg_stat_activity where wait_event = 'BridgeTestTick') $$);
select is(backend_type, 'bridge ticker', 'and is known by its name')
from pg_stat_activity where pid = :ticker;
select ok(pg_terminate_backend(:ticker, 60000), 'it ends when it is told to');
select is_empty($$ select from pg_stat_activity where backend_type = 'bridge ticker' $$, 'for good');

select bridge.start_ticker() as ticker \gset
alter system set sg_bridge_test.depth = 7;
select pg_reload_conf();
call pg_temp.await('bridge.depth_of_ticker() = 7');
select pass('a worker reads its settings again');
select bridge.make_ticker_fail();
call pg_temp.await($$ not exists (select from pg_stat_activity where backend_type = 'bridge ticker') $$);
select pass('an error ends it');
select is(bridge.read_note(), 'third', 'and no one else');
select * from finish();
alter system reset sg_bridge_test.depth;
select pg_reload_conf();
