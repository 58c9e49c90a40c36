-- What callers get wrong: names, numbers, arrays, messages. Each is refused with the right SQLSTATE, or means
-- what it says, and changes nothing besides.
select no_plan();
select pgmq.create('q');
select pgmq.send('q', '1');
create table before as select * from pgmq.q_q;

create table call (text text);
insert into call values
    ($$ select pgmq.send(%L, '1') $$), ($$ select pgmq.send(%L, '1', '{}'::jsonb, 5) $$),
    ($$ select pgmq.send_batch(%L, array['1']::jsonb[]) $$), ($$ select pgmq.read(%L, 1, 1) $$),
    ($$ select pgmq.read_with_poll(%L, 1, 1, 0) $$), ($$ select pgmq.pop(%L) $$),
    ($$ select pgmq.delete(%L, 1) $$), ($$ select pgmq.delete(%L, array[1]::bigint[]) $$),
    ($$ select pgmq.archive(%L, 1) $$), ($$ select pgmq.archive(%L, array[1]::bigint[]) $$),
    ($$ select pgmq.set_vt(%L, 1, 1) $$), ($$ select pgmq.set_vt(%L, '1', '1') $$),
    ($$ select pgmq.read_grouped(%L, 1, 1) $$), ($$ select pgmq.read_grouped_rr(%L, 1, 1) $$),
    ($$ select pgmq.read_grouped_head(%L, 1, 1) $$), ($$ select pgmq.read_grouped_with_poll(%L, 1, 1, 0) $$),
    ($$ select pgmq.metrics(%L) $$), ($$ select pgmq.purge_queue(%L) $$),
    ($$ select pgmq.create_fifo_index(%L) $$), ($$ select queue.depth(%L) $$), ($$ select queue.check(%L) $$),
    ($$ select queue.peek(%L) $$),
    ($$ select pgmq.bind_topic('a', %L) $$), ($$ select pgmq.enable_notify_insert(%L) $$),
    ($$ select queue.configure(%L, '{}') $$), ($$ select queue.options_of(%L) $$),
    ($$ select pgmq.update_notify_insert(%L, 1) $$), ($$ select pgmq.disable_notify_insert(%L) $$);

create function pg_temp.error_of(call text, out state text, out hint text) language plpgsql as $$
begin
    execute call;
exception when others then
    get stacked diagnostics state = returned_sqlstate, hint = pg_exception_hint;
end
$$;

create table queue_name (name text, state text);
insert into queue_name values
    (null, '22004'), ('', '42P01'), ('nowhere', '42P01'), (repeat('x', 48), '42P01'),
    (repeat('q', 5000), '42P01'),
    ('q"', '42P01'), ('q" where true', '42P01'), (e'q\n\t\x01', '42P01'), ('почта 📬', '42P01'),
    ('%I %s', '42P01'),
    ('pg_catalog.pg_class', '42P01'), ('q''; drop table pgmq.meta', '42602'), ('q;', '42602'),
    ('q--', '42602'),
    ('$1', '42602');
select is(failed.state, queue_name.state, format(call.text, left(name, 30)))
from queue_name, call, pg_temp.error_of(format(call.text, name)) failed;
select is_empty(
    $$ select call.text, name from queue_name, call, pg_temp.error_of(format(call.text, name)) failed
       where failed.state in ('42P01', '42602') and coalesce(failed.hint, '') = '' $$,
    'each of these but null comes with a hint');
select results_eq('select * from pgmq.q_q', 'select * from before', 'nothing changed');
select results_eq($$ select queue_name from pgmq.meta $$, array['q'::varchar], 'nor came or went');

select lives_ok(format('select pgmq.create(%L)', name), 'a queue may be called ' || quote_literal(name))
from unnest(array['q"', e'q\n\t\x01', 'почта 📬', '%I %s', '.', ' ', 'select', '\']) name;
select is(count(*), 9::bigint, 'every one of them can be sent to')
from pgmq.list_queues() queue, pgmq.send(queue.queue_name, '2');
select is(count(*), 10::bigint, 'and read') from pgmq.list_queues() queue, pgmq.read(queue.queue_name, 0, 5);
select ok(bool_and(pgmq.drop_queue(queue_name)), 'and dropped') from pgmq.meta where queue_name <> 'q';
select throws_ok($$ select pgmq.send('q"', '1') $$, '42P01', 'queue "q"" does not exist',
    'a moment later it is not there any more');

select throws_ok(format('select %s', call), '22004', null, call)
from unnest(array['pgmq.drop_queue(null)', 'pgmq.drop_queue(null, false)', 'pgmq.create(null)', 'pgmq.create_unlogged(null)',
    'pgmq.create_non_partitioned(null)', 'pgmq.validate_queue_name(null)', 'pgmq.detach_archive(null)',
    'pgmq.list_topic_bindings(null)', 'pgmq.unbind_topic(''a'', null)', 'pgmq.format_table_name(null, ''q'')',
    'queue.add_alias(null, ''q'')', 'queue.add_alias(''other'', null)', 'queue.drop_alias(null)',
    'queue.retry(null, 1, 1, ''0'', ''x'')', 'queue.bury(null, 1, 1, ''x'')', 'queue.unread(null, array[1], array[1])']) call;
select ok(not pgmq.drop_queue(repeat('x', 5000)), 'dropping what cannot be');
select throws_ok($$ select pgmq.drop_queue('a;b') $$, '42602', null, 'dropping what may not be');

-- Numbers.
truncate pgmq.q_q;
select pgmq.send('q', '1');
select is((select count(*) from pgmq.read('q', -5, 1)), 1::bigint, 'a negative vt leaves a message visible');
select is_empty($$ select * from pgmq.read('q', 1, 0) $$, 'none were asked for');
select throws_ok(format('select pgmq.%I(''q'', 1, -1)', name), '2201W', null, 'a negative qty for ' || name)
from unnest(array['read', 'read_grouped', 'read_grouped_rr', 'read_grouped_head']) name;
select throws_ok($$ select pgmq.pop('q', -1) $$, '2201W', null, 'or for pop');
select throws_ok($$ select pgmq.read('q', null, 1) $$, '23502', null, 'no vt is no time');
select throws_ok($$ select pgmq.read_with_poll('q', 1, 0, 1, -1) $$, '22023', null, 'polling backwards');
select lives_ok($$ select pgmq.send('q', '{}', -2147483648) $$, 'a delay may be long ago');
select lives_ok($$ select pgmq.send('q', '{}', 2147483647) $$, 'or far away');
select lives_ok($$ select pgmq.send('q', '{}', 'infinity'::timestamptz) $$, 'or never');
select lives_ok($$ select pgmq.metrics('q') $$, 'which metrics can tell');
select is(count(moved), 1::bigint, 'the same for set_vt')
from pgmq.q_q, pgmq.set_vt('q', msg_id, 2147483647) moved where q_q.message = '1';
select ok(not pgmq.delete('q', id), 'no message has the id ' || id)
from unnest(array[0, -1, 9223372036854775807, -9223372036854775808]) id;

-- Arrays.
select is_empty($$ select pgmq.delete('q', array[]::bigint[]) $$, 'no ids, nothing deleted');
select is_empty($$ select pgmq.archive('q', null::bigint[]) $$, 'nor by no array at all');
select is_empty($$ select pgmq.delete('q', array[null]::bigint[]) $$, 'nor by an array of null');
select is_empty($$ select pgmq.send_batch('q', null) $$, 'no messages, nothing sent');
select is((select count(*) from pgmq.send_batch('q', array_fill('{}'::jsonb, array[2, 3]))), 6::bigint,
    'an array of arrays is its elements');
select is((select count(*) from pgmq.send_batch('q', array_fill('1'::jsonb, array[100000]))), 100000::bigint,
    'a hundred thousand messages');
select is((select count(*) from pgmq.read('q', 60, 100000)), 100000::bigint, 'are read at once');
select is((select count(*) from pgmq.archive('q', array(select generate_series(1, 100100)))),
    100010::bigint, 'archived by an array longer than the queue');
select is_empty($$ select * from pgmq.delete('q', array_fill(-1::bigint, array[100000])) $$,
    'and a hundred thousand ids that are not there change nothing');

-- Messages.
select throws_ok($$ select pgmq.send('q', to_jsonb(repeat('x', 268435456))) $$, '54000', null,
    'a message above the limit of jsonb');
select throws_ok($$ select pgmq.send('q', '{"x": "\u0000"}') $$, '22P05', null, 'a message with a zero byte');
select throws_ok($$ select pgmq.send('q', '{') $$, '22P02', null, 'a message that is no JSON');
select lives_ok($$ select pgmq.send('q', to_jsonb(repeat('x', 10000000))) $$, 'ten megabytes');
select lives_ok($$ select pgmq.send('q', '1', '[1, "headers may be anything"]'::jsonb, 0) $$,
    'headers that are no object');
select lives_ok($$ select * from pgmq.read_grouped('q', 1, 100) $$, 'which puts a message into no group');

-- Somebody else's.
create role stranger;
grant usage on schema pgmq to stranger;
set role stranger;
create temporary table theirs as select call.text, failed.state
    from unnest(array[
        $$ select pgmq.send('q', '1') $$, $$ select pgmq.send_batch('q', array['1']::jsonb[]) $$,
        $$ select pgmq.read('q', 1, 1) $$, $$ select pgmq.pop('q') $$, $$ select pgmq.delete('q', 1) $$,
        $$ select pgmq.archive('q', 1) $$, $$ select pgmq.set_vt('q', 1, 1) $$,
        $$ select pgmq.purge_queue('q') $$,
        $$ select pgmq.read_grouped('q', 1, 1) $$, $$ select pgmq.metrics('q') $$,
        $$ select pgmq.create('mine') $$,
        $$ select pgmq.drop_queue('q') $$, $$ select pgmq.bind_topic('a', 'q') $$,
        $$ select pgmq.send_topic('a', '1') $$,
        $$ select pgmq.unbind_topic('a', 'q') $$, $$ select pgmq.list_queues() $$,
        $$ select pgmq.list_topic_bindings() $$,
        $$ select pgmq.enable_notify_insert('q') $$, $$ select pgmq.disable_notify_insert('q') $$,
        $$ select pgmq.list_notify_insert_throttles() $$,
        $$ select queue.configure('q', '{}') $$, $$ select queue.options_of('q') $$,
        $$ select pgmq.create_fifo_index('q') $$]) call (text),
        lateral pg_temp.error_of(call.text) failed;
reset role;
select is(state, '42501', 'a stranger may not' || text) from theirs;
drop table theirs;
drop owned by stranger;
drop role stranger;

select * from finish();
