-- Topics: what a pattern matches, who is bound to what, what is sent where.
select no_plan();
select pgmq.create(name) from unnest(array['all_logs', 'Errors', 'api']) name;

select lives_ok($$ select pgmq.bind_topic('logs.#', 'all_logs') $$, 'a pattern is bound to a queue');
select lives_ok($$ select pgmq.bind_topic('logs.#', 'all_logs') $$, 'twice is no error');
select pgmq.bind_topic('logs.*.error', 'errors');
select pgmq.bind_topic('*.api.#', 'all_logs');
select pgmq.bind_topic('logs.api.error', 'api');

select results_eq($$ select pattern, queue_name, compiled_regex from pgmq.test_routing('logs.api.error') $$,
    $$ values ('*.api.#', 'all_logs', '^[^.]+\.api\..*$'), ('logs.#', 'all_logs', '^logs\..*$'),
        ('logs.*.error', 'Errors', '^logs\.[^.]+\.error$'),
        ('logs.api.error', 'api', '^logs\.api\.error$') $$,
    'routing tells every binding that matches');
select results_eq(format('select pattern from pgmq.test_routing(%L)', key), expected, key || ' matches')
from (values ('logs.error', array['logs.#']), ('logs.db.error', array['logs.#', 'logs.*.error']),
    ('logs.a.b.error', array['logs.#']), ('x.api.y', array['*.api.#'])) as t (key, expected);
select is_empty(format('select * from pgmq.test_routing(%L)', key), key || ' matches nothing')
from unnest(array['logs', 'logsXerror', 'orders.created', 'LOGS.error']) key;

select is(pgmq.send_topic('logs.api.error', '{"n": 1}'), 3,
    'a queue gets a message once, by whatever patterns');
select is(pgmq.send_topic('orders.created', '{}'), 0, 'no queue is no error');
select results_eq($$ select message from pgmq.q_errors $$, array['{"n": 1}'::jsonb], 'and it is there');
select is(pgmq.send_topic('logs.x', '{"n": 2}', 60), 1, 'with a delay');
select is(pgmq.send_topic('logs.x', '{"n": 3}', '{"h": 1}', 0), 1, 'with headers');
select results_eq($$ select message, headers, vt > clock_timestamp() from pgmq.q_all_logs order by msg_id $$,
    $$ values ('{"n": 1}'::jsonb, null::jsonb, false),
        ('{"n": 2}', null, true), ('{"n": 3}', '{"h": 1}', false) $$,
    'delay and headers hold');

select results_eq(
    $$ select queue_name, msg_id from pgmq.send_batch_topic('logs.db.error', array['1', '2']::jsonb[]) $$,
    $$ values ('Errors', 2::bigint), ('Errors', 3), ('all_logs', 4), ('all_logs', 5) $$,
    'a batch tells what it became in which queue');
create table batch as
    select array['1', '2']::jsonb[] as messages, array['{"h": 1}', null]::jsonb[] as headers,
        now() + interval '1 hour' as later;
select is(count(*), 4::bigint, 'a batch with headers')
from batch, pgmq.send_batch_topic('logs.db.error', messages, headers);
select is(count(*), 4::bigint, 'with a delay')
from batch, pgmq.send_batch_topic('logs.db.error', messages, 60);
select is(count(*), 4::bigint, 'with a time')
from batch, pgmq.send_batch_topic('logs.db.error', messages, later);
select is(count(*), 4::bigint, 'headers and a delay')
from batch, pgmq.send_batch_topic('logs.db.error', messages, headers, 60);
select is(count(*), 4::bigint, 'headers and a time')
from batch, pgmq.send_batch_topic('logs.db.error', messages, headers, later);
select is(count(*), 8::bigint, 'delays hold for batches too') from pgmq.q_errors where vt > clock_timestamp();
select throws_ok($$ select pgmq.send_batch_topic('logs.x', array['1']::jsonb[], array[]::jsonb[]) $$,
    '22023', null,
    'headers that do not match the messages are refused');
select is_empty($$ select pgmq.send_batch_topic('orders', array['1']::jsonb[]) $$, 'no queue, no ids');

select is((select count(*) from pgmq.list_topic_bindings()), 4::bigint, 'all bindings');
select results_eq($$ select pattern, queue_name, compiled_regex, bound_at is not null
        from pgmq.list_topic_bindings('ERRORS') $$,
    $$ values ('logs.*.error', 'Errors', '^logs\.[^.]+\.error$', true) $$, 'those of one queue, in any case');
select ok(pgmq.unbind_topic('logs.*.error', 'ERRORS'), 'unbinding says true');
select ok(not pgmq.unbind_topic('logs.*.error', 'errors'), 'and false where nothing was bound');
select pgmq.drop_queue('all_logs');
select results_eq($$ select queue_name from pgmq.topic_bindings $$, array['api'::varchar],
    'a queue that is dropped takes its bindings along');

select ok(pgmq.validate_routing_key(key), 'the key ' || key || ' is allowed')
from unnest(array['a', 'a.b-c.D_1', repeat('k', 255)]) key;
select throws_ok(format('select pgmq.validate_routing_key(%L)', key), '22023', null,
    'the key ' || quote_nullable(left(key, 20)) || ' is refused')
from unnest(array['', null, '.a', 'a.', 'a..b', 'a.*', '#', 'a b', 'a''b',
    'ä', e'a\n', repeat('k', 256)]) key;
select ok(pgmq.validate_topic_pattern(pattern), 'the pattern ' || pattern || ' is allowed')
from unnest(array['#', '*', 'a.*.b', '#.error', 'a.#.b', '*.*', 'pre*', repeat('k', 255)]) pattern;
select throws_ok(format('select pgmq.validate_topic_pattern(%L)', pattern), '22023', null,
    'the pattern ' || quote_nullable(left(pattern, 20)) || ' is refused')
from unnest(array['', null, '**', 'a.##', '*#', '#*', '.#', 'a.', 'a..#', 'a|b',
    '(a)', e'#\n', repeat('k', 256)]) pattern;

select throws_ok($$ select pgmq.bind_topic('a.b', 'nowhere') $$, '42P01', 'queue "nowhere" does not exist',
    'only a queue that is there can be bound');
select throws_ok($$ select pgmq.send_topic('a..b', '{}') $$, '22023', null, 'sending checks the key');
select throws_ok($$ select pgmq.send_topic('a', '{}', -1) $$, '22023', null, 'and the delay');

select * from finish();
