-- Moving a message's time, in all forms and for clients that send parameters without types.
select no_plan();
select pgmq.create('v');
select pgmq.send_batch('v', array['1', '2', '3']::jsonb[]);

select results_eq($$ select msg_id, vt > clock_timestamp() + interval '50 seconds'
        from pgmq.set_vt('v', 1, 60) $$,
    $$ values (1::bigint, true) $$, 'one message, in seconds');
select results_eq($$ select msg_id, vt from pgmq.set_vt('v', 1, '2099-01-01 00:00:00+00'::timestamptz) $$,
    $$ values (1::bigint, '2099-01-01 00:00:00+00'::timestamptz) $$, 'one message, at a time');
select results_eq(
    $$ select msg_id, vt from pgmq.set_vt('v', array[3, 2, 99]::bigint[],
        '2099-01-01 00:00:00+00'::timestamptz) $$,
    $$ values (2::bigint, '2099-01-01 00:00:00+00'::timestamptz), (3, '2099-01-01 00:00:00+00') $$,
    'many messages, at a time');
select results_eq($$ select count(*) from pgmq.set_vt('v', array[1, 2, 3]::bigint[], 0) $$, array[3::bigint],
    'many messages, in seconds');
select results_eq($$ select distinct read_ct from pgmq.q_v $$, array[0], 'nothing of that counts as a read');
select is((select count(*) from pgmq.set_vt('v', array[1, 1, 1]::bigint[], 0)), 1::bigint,
    'an id that is given three times moves one message');

prepare untyped as select msg_id from pgmq.set_vt($1, $2, $3);
select results_eq($$ execute untyped('v', '2', '60') $$, array[2::bigint],
    'no types at all: an id and seconds');
select results_eq($$ execute untyped('v', '{1,2}', ' -5 ') $$, array[1, 2]::bigint[], 'an array and seconds');
select results_eq($$ execute untyped('v', '3', '2099-01-01') $$, array[3::bigint], 'an id and a time');
prepare typed_id as select msg_id from pgmq.set_vt($1, $2::bigint, $3);
select results_eq($$ execute typed_id('v', 2, '60') $$, array[2::bigint],
    'a typed id, seconds without a type');
prepare typed_ids as select msg_id from pgmq.set_vt($1, $2::bigint[], $3);
select results_eq($$ execute typed_ids('v', '{2}', '60') $$, array[2::bigint],
    'typed ids, seconds without a type');
prepare typed_vt as select msg_id from pgmq.set_vt($1, $2, $3::integer);
select results_eq($$ execute typed_vt('v', '{2,3}', 60) $$, array[2, 3]::bigint[],
    'typed seconds, ids without');
prepare typed_time as select msg_id from pgmq.set_vt($1, $2, $3::timestamptz);
select results_eq($$ execute typed_time('v', '2', '2099-01-01') $$, array[2::bigint],
    'a typed time, an id without');
prepare named as select msg_id from pgmq.set_vt(queue_name => $1, msg_id => $2, vt => $3);
select results_eq($$ execute named('v', '2', '60') $$, array[2::bigint], 'by the names of the parameters');

-- The extended protocol itself, as drivers use it.
select msg_id = 2 as sent_by_bind, pg_typeof(msg_id) = 'bigint'::regtype as is_id
from pgmq.set_vt($1, $2, $3) \bind v 2 60 \gset
select ok(:'sent_by_bind' and :'is_id', 'and by a driver that binds text');

select throws_ok($$ select pgmq.set_vt('v', 'one', '60') $$, '22P02', null,
    'an id that is no number is refused');
select throws_ok($$ select pgmq.set_vt('v', '1', 'soon') $$, '22007', null, 'a time that is none is refused');
select throws_ok($$ select pgmq.set_vt('v', '1', '99999999999') $$, '22003', null,
    'too many seconds are refused');
select throws_ok($$ select pgmq.set_vt('v', 1, null::integer) $$, '23502', null, 'no time is refused');
select is_empty($$ select pgmq.set_vt('v', null::bigint, 1) $$, 'no id is no message');

select * from finish();
