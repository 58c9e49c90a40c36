-- Who is next: priorities, groups that take turns, and how many may be in flight.
select no_plan();
create function pg_temp.bodies(limit_ integer, hide integer default 3600) returns jsonb language sql as
    $$ select coalesce(jsonb_agg(message order by place), '[]') from pgmq.read('q', hide, limit_)
       with ordinality as r (msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers, place) $$;
create function pg_temp.grouped(name text, priority integer default 0) returns jsonb language sql as
    $$ select jsonb_build_object('x-pgmq-group', name, 'x-queue-priority', priority) $$;

-- Priorities --------------------------------------------------------------------------------------
select pgmq.create('q');
select pgmq.send('q', '"usual"');
select pgmq.send('q', '"low"', '{"x-queue-priority": -5}'::jsonb);
select pgmq.send('q', '"high"', '{"x-queue-priority": 100}'::jsonb);
select pgmq.send_batch('q', array['"also high"', '"also usual"']::jsonb[], array['{"x-queue-priority": 100}', '{}']::jsonb[]);
insert into pgmq.q_q (vt, message, headers) values (now(), '"highest that SQL can"', '{"x-queue-priority": 101}');
select is(pg_temp.bodies(10, 0), '["high", "also high", "usual", "also usual", "highest that SQL can", "low"]'::jsonb,
    'higher priorities come first, then lower ids; what can''t be a priority is none');
begin;
select pgmq.send('q', '"mine"', '{"x-queue-priority": 50}'::jsonb);
select is(pg_temp.bodies(3, 0), '["high", "also high", "mine"]'::jsonb, 'a transaction''s own messages have theirs too');
rollback;
select pgmq.set_vt('q', 3, 3600);
select is(pg_temp.bodies(2, 0), '["also high", "usual"]'::jsonb, 'hidden ones do not count');
select throws_ok($$ select pgmq.send('q', '1', '{"x-queue-priority": 101}'::jsonb) $$, '22023', null, 'a priority has bounds');
select throws_ok($$ select pgmq.send('q', '1', '{"x-queue-priority": -2147483648}'::jsonb) $$, '22023', null, 'down to the least integer');
select throws_ok($$ select pgmq.send('q', '1', '{"x-queue-priority": 1.5}'::jsonb) $$, '22023', null, 'is a whole number');
select throws_ok($$ select pgmq.send('q', '1', '{"x-queue-priority": "1"}'::jsonb) $$, '22023', null, 'no text');
select throws_ok($$ select pgmq.send_batch('q', array['1']::jsonb[], array['{"x-queue-priority": 1e9}']::jsonb[]) $$, '22023');
select lives_ok($$ select pgmq.send('q', '1', '["x-queue-priority"]'::jsonb) $$, 'headers that are no object have none');
set sg_queue.index_messages = 100;
select pgmq.drop_queue('q'), pgmq.create('q');
select count(*) from pgmq.send_batch('q', array_fill('"usual"'::jsonb, array[300]));
select pgmq.send('q', '"high"', '{"x-queue-priority": 1}'::jsonb);
select is(pg_temp.bodies(1), '["high"]'::jsonb, 'beyond the index''s bound as well');
reset sg_queue.index_messages;
select pgmq.drop_queue('q'), pgmq.create('q');

-- Turns -------------------------------------------------------------------------------------------
select queue.configure('q', '{"turns": true}');
select pgmq.send_batch('q', array['"a1"', '"a2"', '"a3"', '"a4"']::jsonb[], array_fill(pg_temp.grouped('a'), array[4]));
select pgmq.send('q', '"b1"', pg_temp.grouped('b'));
select pgmq.send('q', '"none1"');
select pgmq.send('q', '"b2"', pg_temp.grouped('b'));
select is(pg_temp.bodies(5), '["a1", "b1", "none1", "a2", "b2"]'::jsonb, 'groups take turns');
select is(pg_temp.bodies(5), '["a3", "a4"]'::jsonb, 'one that is alone goes on');
select pgmq.set_vt('q', 2, 0);
select pgmq.send('q', '"b3"', pg_temp.grouped('b'));
select pgmq.send('q', '"a5"', pg_temp.grouped('a', 1));
select is(pg_temp.bodies(1), '["a5"]'::jsonb, 'priority goes before turns');
select is(pg_temp.bodies(2), '["b3", "a2"]'::jsonb, 'and who was served longest ago is next');
select results_eq($$ select message from pgmq.read_grouped('q', 3600, 10) $$, $$ select null::jsonb where false $$,
    'nothing is open for a reader by groups');
select pgmq.drop_queue('q'), pgmq.create('q');

-- Caps --------------------------------------------------------------------------------------------
select queue.configure('q', '{"max_in_flight": 3}');
select pgmq.send_batch('q', array['1', '2', '3', '4', '5']::jsonb[]);
select pgmq.send('q', '6', 3600);
select is(pg_temp.bodies(2), '[1, 2]'::jsonb, 'delayed messages are not in flight');
select is(pg_temp.bodies(10), '[3]'::jsonb, 'no more than so many are');
select is(pg_temp.bodies(10), '[]'::jsonb, 'none more');
select is(count(*), 0::bigint, 'nor for a reader who waits') from pgmq.read_with_poll('q', 30, 1, 0);
select is(count(*), 0::bigint, 'nor one who chooses') from pgmq.read('q', 30, 1, '4');
select is(count(*), 0::bigint, 'nor by groups') from pgmq.read_grouped('q', 30, 1);
select results_eq($$ select * from queue.depth('q') $$, $$ values (6::bigint, 2::bigint) $$, 'they are counted as they are');
select pgmq.delete('q', 1);
select is(pg_temp.bodies(10), '[4]'::jsonb, 'a deleted one makes room');
begin;
select pgmq.archive('q', 2);
rollback;
select is(pg_temp.bodies(10), '[]'::jsonb, 'if it stays deleted');
begin;
select pgmq.archive('q', 2);
savepoint before;
select is(count(*), 0::bigint, 'and once it is committed') from pgmq.read('q', 30, 1);
commit;
select is(pg_temp.bodies(10), '[5]'::jsonb, 'then it does');
select pgmq.set_vt('q', 5, 0);
select is(pg_temp.bodies(10), '[5]'::jsonb, 'one that is given back does');
select queue.configure('q', '{"max_in_flight": null}');
select pgmq.send('q', '7');
select is(pg_temp.bodies(10), '[7]'::jsonb, 'without the option any number may be');
begin;
select queue.configure('q', '{"max_in_flight": 1}');
select pgmq.send('q', '8');
select is(pg_temp.bodies(10), '[8]'::jsonb, 'a new option counts from the commit on');
commit;
select pgmq.send('q', '9');
select is(pg_temp.bodies(10), '[]'::jsonb, 'what was in flight before counts');
select queue.configure('q', '{"max_in_flight": 9}');
begin;
select count(*) from pgmq.send_batch('q', array_fill('"mine"'::jsonb, array[9]));
select is(count(*), 4::bigint, 'what a transaction sends itself counts as well') from pgmq.read('q', 30, 10);
select is(count(*), 0::bigint, 'however it is read') from pgmq.read('q', 30, 10, '"mine"');
rollback;
select is(count(*), 1::bigint, 'until it is rolled back') from pgmq.read('q', 30, 10);
select pgmq.drop_queue('q'), pgmq.create('q');

select queue.configure('q', '{"max_in_flight_per_group": 1}');
select pgmq.send_batch('q', array['"a1"', '"a2"', '"b1"', '"b2"', '"c1"']::jsonb[],
    array[pg_temp.grouped('a'), pg_temp.grouped('a'), pg_temp.grouped('b'), pg_temp.grouped('b'), pg_temp.grouped('c')]);
select is(pg_temp.bodies(10), '["a1", "b1", "c1"]'::jsonb, 'one of each group');
select is(pg_temp.bodies(10), '[]'::jsonb, 'and no second');
select pgmq.delete('q', 3);
select is(pg_temp.bodies(10), '["b2"]'::jsonb, 'until the first is done');
update pgmq.q_q set vt = now() where msg_id = 1;
select is(pg_temp.bodies(10), '["a1"]'::jsonb, 'or comes back');
truncate pgmq.q_q;
select pgmq.send('q', '"b3"', pg_temp.grouped('b'));
select is(pg_temp.bodies(10), '["b3"]'::jsonb, 'nothing of an emptied table is in flight');
select queue.configure('q', '{"turns": true, "max_in_flight_per_group": 2, "max_in_flight": 5}');
select pgmq.send_batch('q', array['"b4"', '"b5"', '"d1"', '"d2"', '"d3"', '"e1"', '"e2"']::jsonb[],
    array[pg_temp.grouped('b'), pg_temp.grouped('b'), pg_temp.grouped('d'), pg_temp.grouped('d'), pg_temp.grouped('d'),
          pg_temp.grouped('e'), pg_temp.grouped('e')]);
select is(pg_temp.bodies(10), '["b4", "d1", "e1", "d2"]'::jsonb, 'caps and turns together');
select is(queue.check('q'), 0::bigint, 'the index is as the table');

-- Filling -----------------------------------------------------------------------------------------
select pgmq.drop_queue('q'), pgmq.create('q');
insert into pgmq.q_q (msg_id, vt, message, headers) overriding system value
    select 1001 - i, now(), to_jsonb(1001 - i), pg_temp.grouped('a') from generate_series(1, 1000) i;
select queue.configure('q', '{"turns": true}');
select is(pg_temp.bodies(1000), (select jsonb_agg(i) from generate_series(1, 1000) i), 'rows may lie in any order');

select * from finish();
