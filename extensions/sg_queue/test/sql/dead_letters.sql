-- What becomes of messages that fail: retries, dead letters, claims that are given back; by the engine, with claims in
-- memory, and where SQL serves.
select no_plan();

create function pg_temp.headers_of(queue text, id bigint) returns jsonb language sql as
    $$ select headers from queue.peek(queue, 1, id - 1) where msg_id = id $$;

create function pg_temp.fail(queue text) returns integer language sql as
    $$ select r.read_ct from pgmq.read(queue, 0, 1) r where queue.retry(queue, r.msg_id, r.read_ct, '0', 'again') $$;

select throws_ok($$ select queue.bury('nowhere', 1, null, 'x') $$, '42P01', null, 'there must be the queue');
select pgmq.create('jobs');
select throws_ok($$ select queue.bury('jobs', 1, null, 'x') $$, '42P01', 'queue "dead_letters" does not exist', 'and one for dead letters');
select is_empty('select * from queue.dead_letters', 'without that there are none');
select throws_ok($$ select queue.discard(array[1]) $$, '42P01');
select pgmq.create('dead_letters'), pgmq.create('Leased'), pgmq.create('plain'), pgmq.create('a "name" of, its \own');
select queue.configure('leased', '{"memory_claims": true, "max_in_flight": 1}');
create rule served_by_sql as on update to pgmq.q_plain where false do also nothing;

-- Retries -----------------------------------------------------------------------------------------
select queue_name, pgmq.send(queue_name, '{"n": 1}', '{"trace": "t", "x-queue-priority": 7}'::jsonb) from pgmq.meta
where queue_name <> 'dead_letters' order by 1;
create table names as select queue_name::text as name from pgmq.meta where queue_name <> 'dead_letters';

select is(queue.retry(name, 1, 1, '1 hour', 'early'), false, name || ': nobody has read it yet') from names;
select is((select read_ct from pgmq.read(name, 3600, 1)), 1, name || ': read') from names;
select is(queue.retry(name, 1, 2, '0', 'x'), false, name || ': another claim''s') from names;
select is(queue.retry(name, 99, 1, '0', 'x'), false, name || ': no such message') from names;
select is(queue.retry(name, 1, 1, '1 hour', 'disk full'), true, name || ': tried again later') from names;
select is_empty(format('select from pgmq.read(%L, 0, 1)', name), name || ': not at once') from names;
select ok(vt between clock_timestamp() + interval '59 minutes' and clock_timestamp() + interval '1 hour'
    and read_ct = 1 and last_read_at is null, name || ': but after the delay, and in nobody''s hands meanwhile')
from names, queue.peek(name);
select is(headers - 'x-queue-failures', '{"trace": "t", "x-queue-priority": 7, "x-queue-failed": 1}',
    name || ': headers stay') from names, queue.peek(name);
select is((headers #> '{x-queue-failures,0}') - 'at', '{"attempt": 1, "reason": "disk full"}', name || ': and tell why')
from names, queue.peek(name);
select ok((headers #>> '{x-queue-failures,0,at}')::timestamptz between clock_timestamp() - interval '1 minute' and clock_timestamp(),
    name || ': and when')
from names, queue.peek(name);
select is(queue.retry(name, 1, 1, null, 'disk full'), true, name || ': said twice') from names;
select is(headers ->> 'x-queue-failed', '1', name || ': it counts once') from names, queue.peek(name);
select is((select read_ct from pgmq.read(name, 3600, 1)), 2, name || ': it comes at once without a delay') from names;
select is(queue.retry(name, 1, null, '-1 s', null), true, name || ': whatever its read_ct, without a reason') from names;
select is(headers #> '{x-queue-failures,1,reason}', 'null', name || ': which is then null') from names, queue.peek(name);
select is(max(pg_temp.fail(name)), 14, name || ': and so on') from names, generate_series(3, 14) group by name;
select is(headers ->> 'x-queue-failed', '14', name || ': all are counted') from names, queue.peek(name);
select is(jsonb_path_query_array(headers, '$."x-queue-failures"[*].attempt'), '[5, 6, 7, 8, 9, 10, 11, 12, 13, 14]',
    name || ': the last ten are kept') from names, queue.peek(name);
begin;
select queue.retry(name, 1, 14, '1 hour', 'undone') from names;
rollback;
select is((select read_ct from pgmq.read(name, 0, 1)), 15, name || ': a retry that is rolled back was none') from names;
select is(sum(queue.check(name)), 0::numeric, 'the indexes are as the tables') from names where name <> 'plain';
select queue.retry('jobs', 1, 15, '0', repeat('x', 5000));
select is(length(pg_temp.headers_of('jobs', 1) #>> '{x-queue-failures,-1,reason}'), 2000, 'a reason is cut');
select pgmq.purge_queue(name) from names;

select pgmq.send('jobs', '1', headers) from unnest(array['[1]', '"text"', 'null', '{"x-queue-failures": 5, "x-queue-failed": "x"}', null]::jsonb[]) headers;
select is(count(*), 5::bigint, 'headers may be anything')
from pgmq.read('jobs', 60, 10) r where queue.retry('jobs', r.msg_id, 1, '0', 'odd');
select results_eq($$ select headers -> 'x-queue-headers', headers -> 'x-queue-failed' from queue.peek('jobs') $$,
    $$ values ('[1]'::jsonb, '1'::jsonb), ('"text"', '1'), (null, '1'), (null, '1'), (null, '1') $$, 'what is no object is kept');
select pgmq.purge_queue('jobs');

-- One that waits for its retry takes nobody's place.
select queue.configure('jobs', '{"max_in_flight": 1}');
select pgmq.send_batch('jobs', array['"first"', '"second"']::jsonb[]);
select is(message, '"first"', 'one may be in flight') from pgmq.read('jobs', 3600, 10);
select queue.retry('jobs', msg_id, 1, '1 hour', 'x') from queue.peek('jobs', 1);
select is(message, '"second"', 'one that waits for its retry is not') from pgmq.read('jobs', 3600, 10);
select queue.configure('jobs', '{"max_in_flight": null}');
select pgmq.purge_queue('jobs');

-- Giving back -------------------------------------------------------------------------------------
select queue.configure('leased', '{"max_in_flight": null}');
create table ids as
select name, array_agg(sent order by sent) as ids from names, pgmq.send_batch(name, array['1', '2', '3', '4']::jsonb[]) sent group by 1;
select count(*) from names, pgmq.read(name, 3600, 3);
select is_empty(format('select queue.unread(%L, %L, array[0, 2, null, 0])', name, ids), name || ': not with another read_ct') from ids;
select results_eq(format('select queue.unread(%L, %L, array[1, 1])', name, array[ids[3], ids[1]]), array[ids[1], ids[3]],
    name || ': two are given back') from ids;
select is(jsonb_agg(array[read_ct, (last_read_at is null)::integer, (vt <= clock_timestamp())::integer] order by msg_id)
        filter (where msg_id <> ids[2]), '[[0, 1, 1], [0, 1, 1], [0, 1, 1]]', name || ': as if they had not been read')
from ids, queue.peek(name) group by name, ids;
select is_empty(format('select queue.unread(%L, %L, array[1, 1])', name, array[ids[3], ids[1]]), name || ': but once') from ids;
select results_eq(format('select msg_id, read_ct from pgmq.read(%L, 3600, 10)', name),
    format('select id, 1 from unnest(%L::bigint[]) id', array[ids[1], ids[3], ids[4]]), name || ': and come again') from ids;
select is(count(*), 1::bigint, name || ': an id that is given twice is one') from ids, queue.unread(name, array[ids[4], ids[4]], array[1, 1]) group by name;
select queue.retry(name, ids[1], 1, '1 hour', 'x') from ids;
select is_empty(format('select queue.unread(%L, %L, array[1])', name, ids[1:1]), name || ': what is in nobody''s hands cannot be given back') from ids;
select is_empty(format('select queue.unread(%L, null, null)', name), name || ': nothing') from ids;
select throws_ok(format('select queue.unread(%L, array[1, 2], array[1])', name), '22023', null, name || ': a read_ct for each') from ids;
select throws_ok($$ select queue.unread('nowhere', array[1], array[1]) $$, '42P01');
select is(sum(queue.check(name)), 0::numeric, 'the indexes are as the tables') from names where name <> 'plain';
select pgmq.purge_queue(name) from names;

-- Dead letters ------------------------------------------------------------------------------------
create table dead as select name, sent as id from names, pgmq.send(name, '{"request_id": "r", "traceparent": "00-1"}',
    '{"x-queue-unique-key": "k", "x-pgmq-group": "g", "x-queue-priority": -3, "mine": [1]}'::jsonb) sent;
select count(*) from names, pgmq.read(name, 3600, 1);
select queue.retry(name, id, 1, '0', 'first') from dead;
select count(*) from names, pgmq.read(name, 3600, 1);
select is(queue.bury(name, id, 1, 'late'), null, name || ': another has read it since') from dead;
select is(queue.bury(name, 99999, null, 'x'), null, name || ': no such message') from dead;
alter table dead add column letter bigint;
update dead set letter = queue.bury(name, id, 2, 'worn out');
select is(count(letter), 4::bigint, 'all are buried') from dead;
select is_empty(format('select from queue.peek(%L)', name), name || ': it is gone') from names;
select results_eq($$ select v.msg_id, queue_name, origin_id, reason, attempts, request_id, traceparent, message from queue.dead_letters v order by 1 $$,
    $$ select letter, lower(name), id, 'worn out', 2, 'r', '00-1', '{"request_id": "r", "traceparent": "00-1"}'::jsonb from dead order by 1 $$,
    'the view tells where they died, and why');
select ok(enqueued_at < died_at and died_at <= clock_timestamp(), queue_name || ': and when') from queue.dead_letters;
select is(failures #>> '{0,reason}', 'first', queue_name || ': what failed before') from queue.dead_letters;
select is(headers - 'x-queue-dead' - 'x-queue-failures',
    '{"x-pgmq-group": "g", "x-queue-priority": -3, "mine": [1], "x-queue-failed": 1}', queue_name || ': headers are kept')
from queue.dead_letters;
select is(headers #>> '{x-queue-dead,unique_key}', 'k', queue_name || ': with the unique key aside') from queue.dead_letters;
select throws_ok($$ select queue.bury('dead_letters', 1, null, 'x') $$, '22023', null, 'the dead are not buried');

select results_eq('select * from queue.revive(array(select letter from dead) || array[null, 0, -5, 99999]::bigint[])',
    $$ select letter, lower(name), id + 1 from dead order by 1 $$, 'they come back as new messages');
select results_eq(format('select message, headers, read_ct from pgmq.read(%L, 0, 1)', name),
    $$ select '{"request_id": "r", "traceparent": "00-1"}'::jsonb, '{"x-pgmq-group": "g", "x-queue-priority": -3, "mine": [1]}'::jsonb, 1 $$,
    name || ': as they were sent, but for the key') from names;
select is_empty('select * from queue.dead_letters', 'the letters are gone');
select is(count(*), 4::bigint, 'to the archive') from pgmq.a_dead_letters;
select is_empty('select * from queue.revive(array(select letter from dead))', 'nobody comes back twice');
select is_empty('select * from queue.revive(null)', 'nor nobody');

select lives_ok($$ insert into pgmq.q_jobs (vt, message, headers) values (now(), null, '[1]'), (now(), '[1]', '{"x-queue-priority": 1000}') $$);
select is(count(queue.bury('jobs', msg_id, null, null)), 3::bigint, 'what no sender could send dies as well') from queue.peek('jobs');
select results_eq('select reason, attempts, request_id from queue.dead_letters order by msg_id',
    $$ values (null::text, 1, 'r'), (null, 0, null), (null, 0, null) $$, 'without a reason');
select is(count(*), 3::bigint, 'and comes back') from queue.revive(array(select msg_id from queue.dead_letters));
select results_eq($$ select message, headers from queue.peek('jobs') order by msg_id desc limit 2 $$,
    $$ values ('[1]'::jsonb, null::jsonb), (null, '[1]') $$, 'as far as it can');

select pgmq.send('dead_letters', '{"query_id": 5, "id": "i", "request_id": ""}', '{"traceparent": "00-2"}'::jsonb);
select pgmq.send('dead_letters', '{"query_id": 5}', '{"x-queue-dead": {"queue": "gone", "msg_id": 1e40, "attempts": "x", "enqueued_at": "soon", "died_at": 7}}'::jsonb);
select results_eq($$ select queue_name, origin_id, attempts, enqueued_at, request_id, traceparent, failures from queue.dead_letters order by msg_id $$,
    $$ values (null::text, null::bigint, null::integer, null::timestamptz, 'i', '00-2', '[]'::jsonb),
              ('gone', null, null, null, '5', null, '[]') $$, 'what is no dead letter is no error');
select throws_ok($$ select * from queue.revive(array(select min(msg_id) from queue.dead_letters)) $$, '22023', null, 'but was never alive');
select throws_ok($$ select * from queue.revive(array(select max(msg_id) from queue.dead_letters)) $$, '42P01', null, 'nor comes back to a queue that is gone');
select is(count(*), 2::bigint, 'then all stay') from queue.dead_letters;
select is(count(*), 2::bigint, 'until they are discarded') from queue.discard(array(select msg_id from queue.dead_letters));
select is_empty('select * from queue.discard(array[1])', 'once');

-- Rights ------------------------------------------------------------------------------------------
create role letters_reader;
create role letters_stranger;
grant usage on schema pgmq to letters_reader, letters_stranger;
grant select, delete, update (vt, read_ct, last_read_at, headers) on pgmq.q_jobs, pgmq.q_leased to letters_reader;
grant insert, select (msg_id) on pgmq.q_dead_letters to letters_reader;
select pgmq.purge_queue(name) from names;
select pgmq.send(name, '1') from names, generate_series(1, 3);
set role letters_reader;
select is(count(*), 6::bigint, 'a reader reads') from unnest(array['jobs', 'leased']) name, pgmq.read(name, 60, 10);
select is(bool_and(queue.retry('jobs', msg_id, 1, '0', 'x')), true, 'tries again') from (select min(msg_id) as msg_id from pgmq.q_jobs) m;
select is(count(*), 1::bigint, 'gives back') from queue.unread('jobs', array(select max(msg_id) from pgmq.q_jobs), array[1]);
select is(count(queue.bury(name, 1 + (select min(msg_id) from pgmq.q_jobs), 1, 'x')), 1::bigint, 'and buries') from unnest(array['jobs']) name;
select throws_ok('select * from queue.dead_letters', '42501', null, 'but does not look at the dead');
select throws_ok('select queue.discard(array[1])', '42501', null, 'nor discard them');
set role letters_stranger;
select throws_ok($$ select queue.retry('jobs', 1, 1, '0', 'x') $$, '42501', null, 'a stranger does none of it');
select throws_ok($$ select queue.bury('jobs', 1, 1, 'x') $$, '42501');
select throws_ok($$ select queue.unread('jobs', array[1], array[1]) $$, '42501');
reset role;
drop owned by letters_reader, letters_stranger;
drop role letters_reader, letters_stranger;

select * from finish();
