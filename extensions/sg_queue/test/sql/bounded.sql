-- Messages beyond the index's bound, which it knows by their blocks alone.
select no_plan();
set sg_queue.index_messages = 100;
select pgmq.create('q');
select count(*) from pgmq.send_batch('q', array_fill('1'::jsonb, array[150]));
select results_eq($$ select * from queue.depth('q') $$, $$ values (150::bigint, 150::bigint) $$, 'all are counted');

-- What a transaction sends lies in a block that it reads itself.
begin;
select count(*) from pgmq.send_batch('q', array_fill('"mine"'::jsonb, array[5]));
select is(count(*), 155::bigint, 'a transaction reads what others sent and what it has sent') from pgmq.read('q', 0, 200);
commit;
select is(count(*), 155::bigint, 'nothing of it is lost to sight') from pgmq.read('q', 0, 200);
select results_eq($$ select * from queue.depth('q') $$, $$ values (155::bigint, 155::bigint) $$, 'or counted twice');
begin;
select count(*) from pgmq.send_batch('q', array_fill('"mine"'::jsonb, array[5]));
select count(*) from pgmq.read('q', 0, 200);
select pgmq.delete('q', array[152, 153, 158]);
rollback;
select is(count(*), 155::bigint, 'nor what was rolled back') from pgmq.read('q', 0, 200);

-- A message that it has claimed, and of which the index knew no more than the block.
begin;
select count(*) from pgmq.set_vt('q', array(select msg_id from queue.peek('q', 200)), 3600);
select is_empty($$ select * from pgmq.read('q', 0, 200) $$, 'what a transaction has hidden is hidden from it');
rollback;
select is(count(*), 155::bigint, 'and had again when it takes that back') from pgmq.read('q', 0, 200);
begin;
select count(*) from pgmq.set_vt('q', array(select msg_id from queue.peek('q', 200)), 3600);
savepoint before;
select count(*) from pgmq.set_vt('q', array(select msg_id from queue.peek('q', 200)), 0);
select is(count(*), 155::bigint, 'a transaction reads what it has shown again') from pgmq.read('q', 0, 200);
rollback to before;
commit;
select is_empty($$ select * from pgmq.read('q', 0, 200) $$, 'what stays hidden stays so');
select is(queue.check('q'), 0::bigint, 'the index is as the table');
select count(*) from pgmq.set_vt('q', array(select msg_id from queue.peek('q', 200)), 0);
select is(count(*), 155::bigint, 'nothing is lost') from pgmq.pop('q', 200);

-- A mark that says too late.
select count(*) from pgmq.send_batch('q', array_fill('1'::jsonb, array[150]), 3600);
alter table pgmq.q_q disable trigger sg_queue_notice;
update pgmq.q_q set vt = now();
alter table pgmq.q_q enable always trigger sg_queue_notice;
select cmp_ok(queue.check('q'), '>', 100::bigint, 'what was made due behind the index''s back is found, marked or not');
select is(count(*), 150::bigint, 'and read') from pgmq.pop('q', 200);

-- A transaction that changes more than the index has slots for: what a reader counts meanwhile is not counted again.
truncate pgmq.q_q;
select count(*) from pgmq.send_batch('q', array_fill('1'::jsonb, array[1000]));
select count(*) from pgmq.read('q', 0, 1);
begin;
update pgmq.q_q set vt = clock_timestamp() + interval '1 day';
select count(*) from pgmq.read('q', 0, 1);
commit;
select results_eq($$ select * from queue.depth('q') $$, $$ values (1000::bigint, 0::bigint) $$, 'an update of all is counted once');
begin;
update pgmq.q_q set vt = clock_timestamp();
select count(*) from pgmq.read('q', 0, 1);
rollback;
select results_eq($$ select * from queue.depth('q') $$, $$ values (1000::bigint, 0::bigint) $$, 'or not, when it is rolled back');
delete from pgmq.q_q;
select results_eq($$ select * from queue.depth('q') $$, $$ values (0::bigint, 0::bigint) $$, 'nor is what is deleted');
select is(queue.check('q'), 0::bigint, 'and nothing is wrong');

select * from finish();
