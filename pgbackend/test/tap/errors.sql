-- Errors keep their fields from C++ to SQL and from SQL through C++ to SQL, and leave nothing behind.
begin;
select plan(38);

-- What a statement ended with, cancels included.
create type pg_temp.ending as (
    sqlstate text, message text, detail text, hint text, context text,
    "schema" text, "table" text, "column" text, "constraint" text, "type" text);
create function pg_temp.ending_of(sql text) returns pg_temp.ending language plpgsql as $$
declare
    e pg_temp.ending;
begin
    execute sql;
    return null;
exception when query_canceled or others then
    get stacked diagnostics e.sqlstate = returned_sqlstate, e.message = message_text,
        e.detail = pg_exception_detail, e.hint = pg_exception_hint, e.context = pg_exception_context,
        e."schema" = schema_name, e."table" = table_name, e."column" = column_name,
        e."constraint" = constraint_name, e."type" = pg_datatype_name;
    return e;
end
$$;

-- From C++.
select is(array[e.sqlstate, e.message, e.detail, e.hint], array['SG001', 'so ä', 'because', 'try again'],
    'a Failure arrives with SQLSTATE, message, detail and hint')
from pg_temp.ending_of($$ select bridge.fail('SG001', 'so ä', 'because', 'try again') $$) as e;
select is(array[e.detail, e.hint], array['', ''], 'an absent detail and hint stay absent')
from pg_temp.ending_of($$ select bridge.fail('SG001', 'so', '', '') $$) as e;
select is(e.message, '100% sure %s', 'a message is no format')
from pg_temp.ending_of($$ select bridge.fail('SG001', '100% sure %s', '', '') $$) as e;
select matches(e.context, 'SQL statement " select bridge.fail', 'the context says what was running')
from pg_temp.ending_of($$ select bridge.fail('SG001', 'so', '', '') $$) as e;
select ok(e.message ~ '^xä+$' and octet_length(e.message) between 1000 and 1023,
    'a text that is too long is cut between characters')
from pg_temp.ending_of('select bridge.fail_at_length()') as e;
select is(array[e.sqlstate, e.message], array['53200', 'out of memory'], 'std::bad_alloc is out of memory')
from pg_temp.ending_of($$ select bridge.throw_something('bad_alloc') $$) as e;
select is(array[e.sqlstate, e.message], array['53200', 'out of memory'],
    'so is an allocation that the server can''t make')
from pg_temp.ending_of($$ select bridge.throw_something('huge') $$) as e;
select is(array[e.sqlstate, e.message], array['XX000', 'no such luck'], 'std::exception is an internal error')
from pg_temp.ending_of($$ select bridge.throw_something('exception') $$) as e;
select is(array[e.sqlstate, e.message], array['XX000', 'unrecognized C++ exception'],
    'so is what nobody knows')
from pg_temp.ending_of($$ select bridge.throw_something('number') $$) as e;

-- From SQL through C++.
create table pg_temp.items (
    n int constraint n_is_small check (n < 10),
    name text not null
);
select is(array[e.sqlstate, e."table", e."constraint"], array['23514', 'items', 'n_is_small'],
    'a violated constraint keeps its name and its table')
from pg_temp.ending_of($$ select bridge.execute('insert into pg_temp.items values (11, ''x'')') $$) as e;
select is(array[e.sqlstate, substr(e."schema", 1, 7), e."column"], array['23502', 'pg_temp', 'name'],
    'and its schema and column')
from pg_temp.ending_of($$ select bridge.execute('insert into pg_temp.items values (1, null)') $$) as e;
create function pg_temp.raises() returns void language plpgsql as $$
begin
    raise exception using errcode = 'SG002', message = 'deep', detail = 'd', hint = 'h', column = 'c',
        constraint = 'k', datatype = 'y', table = 't', schema = 's';
end
$$;
select is(array[e.sqlstate, e.message, e.detail, e.hint, e."schema", e."table", e."column", e."constraint",
    e."type"],
    array['SG002', 'deep', 'd', 'h', 's', 't', 'c', 'k', 'y'], 'every field passes through')
from pg_temp.ending_of($$ select bridge.execute('select pg_temp.raises()') $$) as e;
select matches(e.context,
    'function .*raises.*SQL statement "select pg_temp.raises\(\)".*SQL statement " select bridge',
    'the context names every level once, from the innermost on')
from pg_temp.ending_of($$ select bridge.execute('select pg_temp.raises()') $$) as e;
select is(array[e.sqlstate, e.detail], array['SG001', 'because'], 'an error crosses C++, SQL, C++ and SQL')
from pg_temp.ending_of(
    format('select bridge.execute(%L)', format('select bridge.execute(%L)',
        $$ select bridge.fail('SG001', 'so', 'because', '') $$))) as e;

-- An error that SQL in between has handled is none.
create function pg_temp.survives(sql text) returns int language plpgsql as $$
begin
    execute sql;
    return 0;
exception when others then
    return 1;
end
$$;
select is(bridge.execute(format('select from pg_temp.survives(%L) as n where n = 1', sql)), 1::bigint,
    'what SQL has caught does not come back')
from (values ($$ select bridge.fail('SG001', 'so', '', '') $$),
    ($$ select bridge.execute('select 1 / 0') $$)) as t (sql);
select is(array[e.sqlstate, e.message], array['XX000',
    'a server''s error was dropped outside a subtransaction'],
    'what C++ drops is an error')
from pg_temp.ending_of($$ select bridge.drop_error('select 1 / 0') $$) as e;

-- A cancel is never anything else.
set local statement_timeout = '100ms';
select is(array[e.sqlstate, e.message], array['57014', 'canceling statement due to statement timeout'],
    'a timeout inside guarded code stays a cancel')
from pg_temp.ending_of($$ select bridge.execute('select pg_catalog.pg_sleep(60)') $$) as e;
select is(e.sqlstate, '57014', 'attempt() does not survive a timeout')
from pg_temp.ending_of($$ select bridge.attempt('select pg_catalog.pg_sleep(60)') $$) as e;
select is(e.sqlstate, '57014', 'a loop of C++ ends with a timeout')
from pg_temp.ending_of('select bridge.spin()') as e;
reset statement_timeout;
select is(array[e.sqlstate, e.message], array['57014', 'canceling statement due to user request'],
    'a cancel inside guarded code stays one')
from pg_temp.ending_of($$
    select bridge.execute('select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)')
$$) as e;
select is(e.sqlstate, '57014', 'attempt() does not survive a cancel')
from pg_temp.ending_of($$
    select bridge.attempt('select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)')
$$) as e;

-- Nothing is left behind.
select is(bridge.live_objects(), 0, 'destructors ran over every one of these errors');
select ok(not bridge.handles_exception(), 'no exception is half handled');
select is(bridge.interrupts_held(), 0, 'interrupts are not held off');

create function pg_temp.server_memory() returns bigint language sql as $$
    select sum(total_bytes)::bigint from pg_catalog.pg_backend_memory_contexts
    where name in ('TopMemoryContext', 'ErrorContext', 'server error', 'SPI Proc')
$$;
create function pg_temp.repeat_ending(sql text, times int) returns bigint language plpgsql as $$
declare
    ended bigint := 0;
begin
    for i in 1..times loop
        begin
            execute sql;
        exception when others then
            ended := ended + 1;
        end;
    end loop;
    return ended;
end
$$;
select is(pg_temp.repeat_ending(sql, 100), 100::bigint, 'warmed up')
from (values ($$ select bridge.execute('select 1 / 0') $$),
    ($$ select bridge.fail('SG001', 'so', 'because', '') $$)) as t (sql);
select pg_temp.server_memory() as memory_before \gset
select is(pg_temp.repeat_ending($$ select bridge.execute('select 1 / 0') $$, 5000), 5000::bigint,
    'five thousand errors pass');
select is(pg_temp.repeat_ending($$ select bridge.fail('SG001', 'so', 'because', '') $$, 5000), 5000::bigint,
    'five thousand more begin');
select is(
    bridge.execute($$ select bridge.attempt('select 1 / 0') from pg_catalog.generate_series(1, 2000) $$),
    2000::bigint,
    'two thousand end');
select cmp_ok(pg_temp.server_memory() - :memory_before, '<', 65536::bigint, 'without memory that stays');
select is(count(*), 0::bigint, 'and no error is kept')
from pg_catalog.pg_backend_memory_contexts where name = 'server error';
select is(bridge.live_objects(), 0, 'nor any object');

-- Objects in the server's memory.
select is(bridge.make_live(false), 1, 'an object lives in a memory context');
select throws_ok('select bridge.make_live(true)', 'P0001', 'made one', 'another is made in a subtransaction');
select is(bridge.live_objects(), 1, 'which an error ends with its memory');
select is(bridge.sum_in_context(100000), 5000050000::bigint, 'a vector lives in a memory context');
select is(length(bridge.text_from_scope(10000000)), 10000000,
    'a result outlives the context that was current');

select * from finish();
rollback;
