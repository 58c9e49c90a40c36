-- Reading: visibility, order, conditions, polling, pop and set_vt.
select no_plan();
select pgmq.create('r');
select pgmq.send_batch('r', array['{"k": "a"}', '{"k": "b"}', '{"k": "a"}', null]::jsonb[]);

select is(
    array(select attname::text from pg_attribute
        where attrelid = 'pgmq.message_record'::regclass order by attnum),
    array['msg_id', 'read_ct', 'enqueued_at', 'last_read_at', 'vt', 'message', 'headers'],
    'a message has seven columns in this order');

select results_eq($$ select msg_id, read_ct from pgmq.read('r', 0, 2) $$,
    $$ values (1::bigint, 1), (2::bigint, 1) $$, 'reads the lowest ids first and counts');
select results_eq($$ select msg_id, read_ct from pgmq.read('r', 60, 2) $$,
    $$ values (1::bigint, 2), (2::bigint, 2) $$, 'a visibility timeout of 0 leaves messages readable');
select results_eq($$ select msg_id from pgmq.read('r', 60, 10) $$, array[3, 4]::bigint[],
    'what was read is invisible until its time has passed; a null message is a message');
select is_empty($$ select * from pgmq.read('r', 60, 10) $$, 'then nothing is left');
select ok(last_read_at is not null and vt > clock_timestamp() + interval '50 seconds',
    'a read sets last_read_at and vt')
from pgmq.q_r where msg_id = 1;

select results_eq($$ select msg_id, read_ct, vt <= clock_timestamp() from pgmq.set_vt('r', 2, 0) $$,
    $$ values (2::bigint, 2, true) $$, 'set_vt moves the time and counts nothing');
select results_eq($$ select msg_id from pgmq.set_vt('r', array[4, 3, 99]::bigint[], 0) $$,
    array[3, 4]::bigint[],
    'set_vt takes many and returns those that are there');
select is_empty($$ select * from pgmq.set_vt('r', 99, 0) $$, 'set_vt of a missing message returns nothing');

select results_eq($$ select msg_id from pgmq.read('r', 0, 10, '{"k": "a"}') $$, array[3::bigint],
    'a condition keeps what contains it');
select results_eq($$ select msg_id from pgmq.read('r', 0, 10, '{}') $$, array[2, 3, 4]::bigint[],
    'the empty condition keeps everything');

select results_eq($$ select msg_id, read_ct from pgmq.pop('r') $$, $$ values (2::bigint, 3) $$,
    'pop removes one visible message and counts nothing');
select results_eq($$ select msg_id from pgmq.pop('r', 10) $$, array[3, 4]::bigint[], 'or many');
select is_empty($$ select * from pgmq.pop('r', 10) $$, 'but never an invisible one');
select results_eq($$ select msg_id from pgmq.q_r $$, array[1::bigint], 'which stays');

select is_empty($$ select * from pgmq.read_with_poll('r', 60, 1, 0) $$, 'polling for no time is a read');
select pgmq.set_vt('r', 1, 1);
select results_eq(
    $$ select msg_id from pgmq.read_with_poll('r', 60, 1, max_poll_seconds => 30, poll_interval_ms => 20) $$,
    array[1::bigint], 'polling returns a message when it becomes visible');
select pgmq.set_vt('r', 1, 0);
select results_eq($$ select msg_id from pgmq.read_with_poll('r', 60, 1, 30, 20, '{"k": "a"}') $$,
    array[1::bigint],
    'polling takes a condition');

begin;
select pgmq.set_vt('r', 1, 0);
select results_eq($$ select msg_id from pgmq.read('r', 60, 1) $$, array[1::bigint],
    'a read in a transaction');
rollback;
select is(read_ct, 4, 'is undone with it') from pgmq.q_r where msg_id = 1;

select throws_ok($$ select * from pgmq.read('nowhere', 1, 1) $$, '42P01', null,
    'a queue that is not there is an error');

select * from finish();
