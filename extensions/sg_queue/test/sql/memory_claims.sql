-- Claims that live in memory alone.
select no_plan();
select pgmq.create('q');
select queue.configure('q', '{"memory_claims": true}');
select pgmq.send_batch('q', array['1', '2', '3', '4']::jsonb[]);
create temporary view claimed as select msg_id, read_ct from pgmq.read('q', 3600, 2);
create temporary view stored as select msg_id, read_ct, last_read_at is null as unread, vt <= clock_timestamp() as visible from pgmq.q_q order by 1;

select results_eq('select * from claimed', $$ values (1::bigint, 1), (2, 1) $$, 'messages are claimed');
select results_eq('select * from stored', $$ values (1::bigint, 0, true, true), (2, 0, true, true), (3, 0, true, true), (4, 0, true, true) $$,
    'and nothing is written');
select results_eq('select * from claimed', $$ values (3::bigint, 1), (4, 1) $$, 'nobody else gets them');
select is_empty('select * from claimed', 'nor is there more');
select results_eq($$ select * from queue.depth('q') $$, $$ values (4::bigint, 0::bigint) $$, 'a depth knows');
select is(queue.check('q'), 0::bigint, 'there is nothing to mend');

begin;
select results_eq($$ select msg_id, read_ct from pgmq.set_vt('q', 1, 0) $$, $$ values (1::bigint, 1) $$, 'one is given back, with its count');
select results_eq($$ select * from stored where msg_id = 1 $$, $$ values (1::bigint, 1, false, true) $$, 'which is written then');
select results_eq('select * from claimed', $$ values (1::bigint, 2) $$, 'it is claimed again');
rollback;
select is_empty('select * from claimed', 'what a rollback undoes is claimed as before');
select pgmq.set_vt('q', 1, 0);
begin;
select results_eq('select * from claimed', $$ values (1::bigint, 2) $$, 'a claim');
rollback;
select results_eq('select * from claimed', $$ values (1::bigint, 2) $$, 'that is rolled back was none');
begin;
savepoint before;
select pgmq.set_vt('q', 2, 0);
select count(*) from claimed;
rollback to before;
commit;
select is_empty('select * from claimed', 'a savepoint''s likewise');

select results_eq($$ select pgmq.archive('q', array[1, 2]) $$, $$ values (1::bigint), (2) $$, 'claimed messages are archived');
select results_eq($$ select msg_id, read_ct, last_read_at is null, vt > now() from pgmq.a_q order by 1 $$,
    $$ values (1::bigint, 2, false, true), (2, 1, false, true) $$, 'as their claims made them');
select ok(pgmq.delete('q', 3), 'or deleted');
update pgmq.q_q set vt = now() where msg_id = 4;
select results_eq('select * from claimed', $$ values (4::bigint, 1) $$, 'other programs'' SQL ends a claim, and its count');
select results_eq($$ select msg_id from pgmq.pop('q') $$, $$ select 1::bigint where false $$, 'pop finds none that is claimed');

select pgmq.send('q', '5', '{"x-pgmq-group": "g"}'::jsonb);
select pgmq.send('q', '6', '{"x-pgmq-group": "g"}'::jsonb);
select results_eq($$ select msg_id, read_ct from pgmq.read_grouped_head('q', 3600, 9) $$, $$ values (4::bigint, 1), (5, 1) $$,
    'the first reader by groups begins the index anew, which ends claims');
select is_empty($$ select * from pgmq.read_grouped('q', 3600, 9) $$, 'a claim closes its group');
select ok(pgmq.delete('q', 5), 'and its end');
select results_eq($$ select msg_id, read_ct from pgmq.read_grouped('q', 0, 9) $$, $$ values (6::bigint, 1) $$, 'opens it');
select results_eq($$ select msg_id, read_ct from pgmq.read('q', 3600, 9, '6') $$, $$ values (6::bigint, 2) $$, 'counts go on');

select queue.configure('q', '{"max_in_flight": 2}');
select count(*) from claimed;
select pgmq.send('q', '7');
select is_empty('select * from claimed', 'claims in memory are in flight');
select queue.configure('q', '{"memory_claims": null, "max_in_flight": null}');
select results_eq('select * from claimed', $$ values (4::bigint, 1), (6, 1) $$, 'without the option they are over');
select results_eq('select * from stored', $$ values (4::bigint, 1, false, false), (6, 1, false, false), (7, 0, true, true) $$,
    'and new ones are written');

select pgmq.create('again');
select queue.configure('again', '{"memory_claims": true}');
select pgmq.send_batch('again', array['1', '2']::jsonb[]);
select results_eq($$ select msg_id, read_ct from pgmq.read('again', 0, 10) $$, $$ values (1::bigint, 1), (2, 1) $$,
    'one call gets a message once, however soon it is visible again');
begin;
select results_eq($$ select msg_id, read_ct from pgmq.read('again', 0, 10) $$, $$ values (1::bigint, 2), (2, 2) $$, 'another call again');
select results_eq($$ select msg_id, read_ct from pgmq.read('again', 0, 10) $$, $$ values (1::bigint, 3), (2, 3) $$,
    'in the same transaction, too');
commit;

select * from finish();
