-- Unique keys: what is sent again is not sent, whatever became of the first; another body is refused; and a key is
-- free again when its window has passed or its queue is gone.
select no_plan();
select pgmq.create('Jobs'), pgmq.create('other');

create function pg_temp.keyed(key text) returns jsonb language sql as $$
    select jsonb_build_object('x-queue-unique-key', key)
$$;
create function pg_temp.error_of(call text, out state text, out message text, out detail text, out hint text)
    language plpgsql as $$
begin
    execute call;
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail,
        hint = pg_exception_hint;
end
$$;

-- Once ----------------------------------------------------------------------------------------------

select results_eq($$ select pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('k')) $$, array[1::bigint], 'the first is sent');
select results_eq(call, array[1::bigint], 'sent again: ' || call)
from unnest(array[
    $$ select pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('k')) $$,
    $$ select pgmq.send('JOBS', '{ "a":1 }', pg_temp.keyed('k')) $$,
    $$ select pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('k') || '{"other": "header", "x-pgmq-group": "g"}') $$,
    $$ select pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('k'), 60) $$,
    $$ select pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('k'), now() + interval '1 hour') $$,
    $$ select pgmq.send_batch('jobs', array['{"a": 1}']::jsonb[], array[pg_temp.keyed('k')]) $$,
    $$ select pgmq.send_batch('jobs', array['{"a": 1}']::jsonb[], array[pg_temp.keyed('k')], 60) $$,
    $$ select pgmq.send_batch('jobs', array['{"a": 1}']::jsonb[], array[pg_temp.keyed('k')], now()) $$]) call;
select results_eq($$ select message, headers from pgmq.q_jobs $$,
    $$ values ('{"a": 1}'::jsonb, pg_temp.keyed('k')) $$, 'there is one message');
select is(messages, 1::bigint, 'and the engine counts one') from queue.depth('jobs');

select unnest(array[is(state, '23505', 'another body is refused'),
    is(message, 'key "k" of queue "jobs" belongs to a message with another body', 'by queue and key'),
    is(detail, '', 'without a body'), matches(hint, 'unique_for', 'with a hint')])
from pg_temp.error_of($$ select pgmq.send('jobs', '{"a": "secret"}', pg_temp.keyed('k')) $$);
select is(state, '23505', 'a null message is another body')
from pg_temp.error_of($$ select pgmq.send('jobs', null, pg_temp.keyed('k')) $$);
select results_eq($$ select msg_id from pgmq.q_jobs $$, array[1::bigint], 'and nothing is sent');

select isnt(pgmq.send('jobs', '{"a": 1}', pg_temp.keyed('K')), 1::bigint, 'keys differ by case');
select is(pgmq.send('other', '{"a": 2}', pg_temp.keyed('k')), 1::bigint, 'and belong to their queue');
select isnt(pgmq.send('jobs', '{"a": 1}'), pgmq.send('jobs', '{"a": 1}', '{"h": 1}'::jsonb),
    'without a key each is sent');
select is((select count(*) from pgmq.send_batch('jobs', array['1', '1']::jsonb[],
    array['{"x-queue-unique-key": null}', null]::jsonb[])), 2::bigint, 'null is no key');
select lives_ok(format('select pgmq.send(''jobs'', ''1'', %L::jsonb)', headers),
    'nor have such headers one: ' || headers)
from unnest(array['["x-queue-unique-key"]', '"x-queue-unique-key"', 'null', '1', '{"X-Queue-Unique-Key": 1}',
    '{"h": {"x-queue-unique-key": 1}}']) headers;

select is(pgmq.send('jobs', null, pg_temp.keyed('nothing')), pgmq.send('jobs', null, pg_temp.keyed('nothing')),
    'a null message can have a key');
create table strange as
    select key, row_number() over () as place
    from unnest(array['''; drop table pgmq.q_jobs; --', '"', '\', '$1', '%s', ' ', e'\n', 'ключ 🔑', '{}', 'null',
        repeat('x', 512), repeat('ä', 256)]) key;
select is(pgmq.send('jobs', to_jsonb(place), pg_temp.keyed(key)), pgmq.send('jobs', to_jsonb(place), pg_temp.keyed(key)),
    'any text is a key: ' || left(key, 30))
from strange;

-- Bad input -----------------------------------------------------------------------------------------

create table before as select * from pgmq.q_jobs;
create table bad as
    select headers from unnest(array['{"x-queue-unique-key": ""}', '{"x-queue-unique-key": 1}',
        '{"x-queue-unique-key": true}', '{"x-queue-unique-key": {}}', '{"x-queue-unique-key": ["k"]}',
        format('{"x-queue-unique-key": %s}', to_json(repeat('x', 513))),
        format('{"x-queue-unique-key": %s}', to_json(repeat('ä', 257)))]) headers;
select unnest(array[is(state, '22023', 'refuses ' || left(headers, 50)), matches(hint, '.', 'with a hint'),
    matches(message, '1 to 512 bytes', 'and the reason')])
from bad, pg_temp.error_of(format('select pgmq.send(''jobs'', ''1'', %L::jsonb)', headers));
select is(state, '22023', 'in a batch: ' || left(headers, 50))
from bad, pg_temp.error_of(format('select pgmq.send_batch(''jobs'', array[''1'', ''2'']::jsonb[],
    array[pg_temp.keyed(''fresh''), %L])', headers));
select results_eq('select * from pgmq.q_jobs', 'select * from before', 'nothing is sent');
select is_empty($$ select from queue.unique_keys where key = 'fresh' $$, 'and no key is taken');

-- Whatever became of the first ----------------------------------------------------------------------

create table fate as
    select key, pgmq.send('jobs', '7', pg_temp.keyed(key)) as msg_id
    from unnest(array['read', 'archived', 'deleted', 'popped', 'moved', 'purged']) key;
select pgmq.archive('jobs', msg_id) from fate where key = 'archived';
select pgmq.delete('jobs', msg_id) from fate where key = 'deleted';
select pgmq.set_vt('jobs', msg_id, 600) from fate where key = 'moved';
select count(*) from pgmq.read('jobs', 60, 1000) \gset read_
select pgmq.purge_queue('jobs') > 0 as purged \gset
select results_eq($$ select key, pgmq.send('jobs', '7', pg_temp.keyed(key)) from fate $$, 'select key, msg_id from fate',
    'what was read, archived, deleted or purged is not sent again');
select is_empty('select from pgmq.q_jobs', 'the queue stays empty');

-- Batches -------------------------------------------------------------------------------------------

select pgmq.create('batches');
select results_eq($$ select pgmq.send_batch('batches', array['1', '2', '1', '3', '2', '4']::jsonb[], array[
        pg_temp.keyed('z'), pg_temp.keyed('b'), pg_temp.keyed('z'), null, pg_temp.keyed('b'), pg_temp.keyed('a')]) $$,
    array[1, 2, 1, 4, 2, 6]::bigint[], 'a duplicate has the first one''s id, the others go up');
select results_eq($$ select msg_id, message from pgmq.q_batches order by msg_id $$,
    $$ values (1::bigint, '1'::jsonb), (2, '2'), (4, '3'), (6, '4') $$, 'and is not sent');
select results_eq($$ select pgmq.send_batch('batches', array['4', '5', '1', '6']::jsonb[], array[
        pg_temp.keyed('a'), pg_temp.keyed('c'), pg_temp.keyed('z'), null]) $$,
    array[6, 8, 1, 10]::bigint[], 'what was sent before keeps its id');
select unnest(array[is(state, '23505', 'one key, two bodies'),
    matches(message, 'key "d" of queue "batches"', 'are told')])
from pg_temp.error_of($$ select pgmq.send_batch('batches', array['1', '2', '3']::jsonb[],
    array[null, pg_temp.keyed('d'), pg_temp.keyed('d')]) $$);
select is(state, '23505', 'an earlier key with another body refuses the whole batch')
from pg_temp.error_of($$ select pgmq.send_batch('batches', array['1', '2']::jsonb[],
    array[pg_temp.keyed('e'), pg_temp.keyed('a')]) $$);
select is((select count(*) from pgmq.q_batches), 6::bigint, 'and sends nothing');
select is_empty($$ select from queue.unique_keys where key in ('d', 'e') $$, 'nor takes a key');
create table many as
    select array_agg(to_jsonb(n % 1000) order by n) as messages,
        array_agg(pg_temp.keyed((n % 1000)::text) order by n) as headers
    from generate_series(0, 2499) n;
create table sent as
    select sent.id, sent.place from many, pgmq.send_batch('batches', messages, headers) with ordinality sent (id, place);
select is(count(distinct id), 1000::bigint, 'of many messages each is sent once') from sent;
select is_empty($$ select * from sent join pgmq.q_batches on msg_id = id
        where message <> to_jsonb((place - 1) % 1000) $$,
    'and each has the id of its body');
select is(messages, 1006::bigint, 'the engine has them all') from queue.depth('batches');

-- The window ----------------------------------------------------------------------------------------

select pgmq.create('brief');
select queue.configure('brief', '{"unique_for": "2 minutes"}');
select pgmq.send_batch('brief', array['1', '2', '3']::jsonb[],
    array[pg_temp.keyed('a'), pg_temp.keyed('b'), pg_temp.keyed('c')]);
select ok(expires_at - clock_timestamp() between '1 minute' and '2 minutes', 'a key has its queue''s window')
from queue.unique_keys where queue = 'brief' and key = 'a';
select ok(expires_at - clock_timestamp() between '89 days' and '90 days', 'which is 90 days where it was not set')
from queue.unique_keys where queue = 'jobs' and key = 'k';
update queue.unique_keys set expires_at = expires_at - interval '3 minutes' where queue = 'brief' and key in ('a', 'b');
select results_eq($$ select pgmq.send('brief', '1', pg_temp.keyed('a')) $$, array[4::bigint], 'then it is sent again');
select results_eq($$ select pgmq.send('brief', '1', pg_temp.keyed('a')) $$, array[4::bigint], 'but once');
select results_eq($$ select pgmq.send('brief', '"other"', pg_temp.keyed('b')) $$, array[6::bigint], 'with any body');
select is(state, '23505', 'which is the key''s from now on')
from pg_temp.error_of($$ select pgmq.send('brief', '2', pg_temp.keyed('b')) $$);
select ok(bool_and(expires_at > clock_timestamp()), 'for as long') from queue.unique_keys where queue = 'brief';

-- Savepoints, transactions --------------------------------------------------------------------------

begin;
select pgmq.send('other', '1', pg_temp.keyed('mine')) as first \gset
select is(pgmq.send('other', '1', pg_temp.keyed('mine')), :first::bigint, 'a transaction knows its own keys');
savepoint before_second;
select pgmq.send('other', '2', pg_temp.keyed('undone'));
rollback to before_second;
select lives_ok($$ select pgmq.send('other', '3', pg_temp.keyed('undone')) $$, 'a savepoint undoes keys');
rollback;
select lives_ok($$ select pgmq.send('other', '4', pg_temp.keyed('mine')) $$, 'and so does a rollback');
begin read only;
select throws_ok($$ select pgmq.send('other', '4', pg_temp.keyed('mine')) $$, '25006');
rollback;

-- Topics --------------------------------------------------------------------------------------------

select pgmq.create('left'), pgmq.create('right');
select pgmq.bind_topic('t.#', 'left'), pgmq.bind_topic('t.*', 'right');
select is(pgmq.send_topic('t.a', '1', pg_temp.keyed('k'), 0), 2, 'two queues get it');
select is(pgmq.send_topic('t.b', '1', pg_temp.keyed('k'), 0), 2, 'two have it');
select results_eq($$ select * from pgmq.send_batch_topic('t.a', array['1', '2']::jsonb[],
        array[pg_temp.keyed('k'), pg_temp.keyed('l')]) $$,
    $$ values ('left', 1::bigint), ('left', 4), ('right', 1), ('right', 4) $$, 'batches, too');
select results_eq($$ select message from pgmq.q_left order by 1 $$, array['1', '2']::jsonb[], 'once');
select results_eq($$ select message from pgmq.q_right order by 1 $$, array['1', '2']::jsonb[], 'each');

-- Unlogged queues -----------------------------------------------------------------------------------

select pgmq.create_unlogged('fleeting');
select lives_ok($$ select pgmq.send('fleeting', '1', pg_temp.keyed('k')) $$, 'an unlogged queue has keys');
select is((select count(*) from pgmq.read('fleeting', 60, 5)), 1::bigint, 'and the message');

-- Dropped and created again -------------------------------------------------------------------------

select ok(pgmq.drop_queue('BRIEF'), 'a queue with keys is dropped');
select is_empty($$ select from queue.unique_keys where queue = 'brief' $$, 'with them');
select isnt_empty($$ select from queue.unique_keys where queue = 'jobs' $$, 'and no other''s');
select pgmq.create('brief');
select lives_ok($$ select pgmq.send('brief', '"third"', pg_temp.keyed('b')) $$, 'created again: they are free');
select throws_ok($$ select pgmq.send('nowhere', '1', pg_temp.keyed('b')) $$, '42P01');
select throws_ok($$ insert into queue.unique_keys select * from queue.unique_keys limit 1 $$, '23505');

-- Forgetting ----------------------------------------------------------------------------------------

delete from queue.unique_keys where queue <> 'batches';
update queue.unique_keys set expires_at = now() - interval '1 second' where key::text ~ '^\d+$';
select is(queue.forget_keys(100), 100::bigint, 'at most so many are forgotten');
select is(queue.forget_keys(), 900::bigint, 'then the rest');
select is(queue.forget_keys(), 0::bigint, 'and no more');
select is((select count(*) from queue.unique_keys), 4::bigint, 'what is not over stays');
select is(queue.forget_keys(0), 0::bigint, 'none is a number');
select throws_ok('select queue.forget_keys(-1)', '2201W');
select is(queue.forget_keys(null), null, 'null does nothing');

select ok('queue.unique_keys'::regclass = any (extconfig), 'dumps hold the keys')
from pg_extension where extname = 'sg_queue';
select is_empty($$ select oid::regprocedure from pg_proc
    where pronamespace = 'queue'::regnamespace and obj_description(oid, 'pg_proc') is null $$,
    'every function says what it does');

select * from finish();
