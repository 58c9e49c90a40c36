-- What schema queue adds: depth, peek, check, wait.
select no_plan();
select pgmq.create('q');
select pgmq.create('other');
select pgmq.send_batch('q', array['1', '2', '3']::jsonb[]);
select pgmq.send('q', '4', 3600);

select results_eq($$ select * from queue.depth('q') $$, $$ values (4::bigint, 3::bigint) $$,
    'a depth counts delayed messages, and those that are ready');
select count(*) from pgmq.read('q', 3600, 1);
select results_eq($$ select * from queue.depth('q') $$, $$ values (4::bigint, 2::bigint) $$,
    'a claimed message is not ready');
begin;
select pgmq.delete('q', 2);
select pgmq.send('q', '5');
select results_eq($$ select * from queue.depth('q') $$, $$ values (4::bigint, 2::bigint) $$,
    'a transaction sees what it sent and deleted');
rollback;
select results_eq($$ select * from queue.depth('q') $$, $$ values (4::bigint, 2::bigint) $$,
    'until it takes it back');
select results_eq($$ select * from queue.depths() where queue_name in ('q', 'other') $$,
    $$ values ('other', 0::bigint, 0::bigint), ('q', 4, 2) $$, 'all queues at once');
select results_eq($$ select queue_length, queue_visible_length from pgmq.metrics('q') $$,
    $$ values (4::bigint, 2::bigint) $$, 'metrics say the same');
select throws_ok($$ select * from queue.depth('nowhere') $$, '42P01');
select throws_ok($$ select * from queue.depth(null) $$, '22004', null, 'null is no queue');

select results_eq($$ select msg_id, read_ct from queue.peek('q') $$, $$ values (1::bigint, 1), (2, 0), (3, 0), (4, 0) $$,
    'peek shows hidden messages too');
select results_eq($$ select msg_id from queue.peek('q', 1, 2) $$, $$ values (3::bigint) $$, 'and pages by id');
select results_eq($$ select msg_id, read_ct from queue.peek('q', 1) $$, $$ values (1::bigint, 1) $$,
    'and changes nothing');
select throws_ok($$ select * from queue.peek('nowhere') $$, '42P01');

select is(queue.check('q'), 0::bigint, 'nothing is wrong with an index that heard of everything');
alter table pgmq.q_q disable trigger sg_queue_notice;
insert into pgmq.q_q (vt, message) values (now(), '"unheard of"');
update pgmq.q_q set vt = now() + interval '1 hour' where msg_id = 2;
delete from pgmq.q_q where msg_id = 3;
alter table pgmq.q_q enable always trigger sg_queue_notice;
select is(queue.check('q'), 3::bigint, 'what happened while its trigger was off is found');
select is(queue.check('q'), 0::bigint, 'and mended');
select results_eq($$ select message from pgmq.read('q', 30, 10) $$, $$ values ('"unheard of"'::jsonb) $$,
    'so that a reader gets what is there');
select throws_ok($$ select queue.check('nowhere') $$, '42P01');

select throws_ok($$ call queue.wait(array['q'], 1) $$, '2D000', null, 'who is in a transaction does not wait');

-- A queue with a trigger of somebody else is served by SQL, which cannot wake.
create function pg_temp.nothing() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger foreign_trigger after insert on pgmq.q_other for each row execute function pg_temp.nothing();
select is(pgmq.send('other', '1'), 1::bigint, 'it is sent to');
select results_eq($$ select * from queue.depth('other') $$, $$ values (1::bigint, 1::bigint) $$, 'counted');
select throws_ok($$ select queue.check('other') $$, '55000', 'queue "other" is served by SQL and has no index to check',
    'has no index to check');
select results_eq($$ select msg_id from pgmq.read('other', 30, 1) $$, $$ values (1::bigint) $$, 'read');
drop trigger foreign_trigger on pgmq.q_other;
select results_eq($$ select msg_id from pgmq.set_vt('other', 1, 0) $$, $$ values (1::bigint) $$,
    'and served directly when the trigger is gone');

-- Triggers that were switched off and on again do not fire for replicas: SQL serves the queue until they do.
\ir shared/hint_of.sql
select pgmq.create('o"ther');
alter table pgmq."q_o""ther" disable trigger all;
alter table pgmq."q_o""ther" enable trigger all;
select pgmq.send('o"ther', '1');
select is(pg_temp.hint_of($$ select queue.check('o"ther') $$),
    'Its trigger is off: alter table pgmq."q_o""ther" enable always trigger sg_queue_notice;', 'check says what is to be done');
select lives_ok(substr(pg_temp.hint_of($$ select queue.check('o"ther') $$), 21), 'which can be done');
select is(queue.check('o"ther'), 0::bigint, 'and mends it');
select results_eq($$ select message from pgmq.read('o"ther', 30, 1) $$, array['1'::jsonb], 'nothing is lost');
create role engine_stranger;
grant usage on schema pgmq to engine_stranger;
set role engine_stranger;
select throws_ok($$ select queue.check('q') $$, '42501', 'permission denied for queue "q"', 'a stranger may not check');
reset role;
drop owned by engine_stranger;
drop role engine_stranger;

select * from finish();
