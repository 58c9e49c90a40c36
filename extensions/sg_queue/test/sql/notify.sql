-- Notifications: who has a throttle, who rings at all. Who hears it is in specs/wakeup and specs/throttle.
select no_plan();
select pgmq.create('Bell');
create function pg_temp.rings() returns bigint language sql as $$
    select count(*) from pg_trigger where tgrelid = to_regclass('pgmq.q_bell') and tgname = 'notify_insert'
$$;

select is(pg_temp.rings(), 0::bigint, 'a new queue notifies nobody');
select is_empty($$ select * from pgmq.list_notify_insert_throttles() $$, 'and has no throttle');
select pgmq.enable_notify_insert('bell');
select results_eq($$ select queue_name, throttle_interval_ms, last_notified_at = to_timestamp(0)
        from pgmq.list_notify_insert_throttles() $$, $$ values ('Bell', 250, true) $$,
    'the throttle is 250 ms');
select pgmq.enable_notify_insert('bell', 600000);
select results_eq($$ select queue_name, throttle_interval_ms from pgmq.list_notify_insert_throttles() $$,
    $$ values ('Bell', 600000) $$, 'or what was asked for');
select pgmq.send('bell', '1');
create table first_mark as select last_notified_at from pgmq.notify_insert_throttle;
select ok(last_notified_at > now() - interval '1 hour', 'sending notes when it notified') from first_mark;
select pgmq.send('bell', '2');
select results_eq('select last_notified_at from pgmq.notify_insert_throttle', 'select * from first_mark',
    'and within the interval does not notify again');
select pgmq.update_notify_insert('BELL', 0);
select results_eq($$ select throttle_interval_ms from pgmq.list_notify_insert_throttles() $$, array[0],
    'the interval can be changed');

select pgmq.disable_notify_insert('bell');
select is(pg_temp.rings(), 0::bigint, 'what is disabled does not notify');
select is_empty($$ select * from pgmq.list_notify_insert_throttles() $$, 'and has no throttle');
select lives_ok($$ select pgmq.disable_notify_insert('bell') $$, 'disabling twice is no error');
select throws_ok($$ select pgmq.update_notify_insert('bell', 5) $$, '42704', null,
    'without a throttle there is nothing to change');

select pgmq.enable_notify_insert('bell', 5);
select is(pg_temp.rings(), 1::bigint, 'enabling makes it notify again');
begin isolation level serializable;
select lives_ok($$ select pgmq.send('bell', '3') $$, 'a serializable transaction leaves the mark alone');
commit;
select is(relpersistence, 'p'::"char", 'throttles survive a crash')
from pg_class where oid = 'pgmq.notify_insert_throttle'::regclass;
select pgmq.drop_queue('bell');
select is_empty($$ select * from pgmq.notify_insert_throttle $$,
    'a queue that is dropped takes its throttle along');

select throws_ok(format('select pgmq.enable_notify_insert(%L, %L)', name, throttle), state, null,
    format('enabling for %L by %L', name, throttle))
from (values ('nowhere', '1', '42P01'), (null, '1', '22004')) as t (name, throttle, state);
select pgmq.create('bell');
select throws_ok(format('select pgmq.%I(''bell'', %L)', function, throttle), '22023', null,
    format('%s refuses %L', function, throttle))
from unnest(array['enable_notify_insert', 'update_notify_insert']) function,
    unnest(array['-1', null]) throttle;
select throws_ok($$ select pgmq.disable_notify_insert('nowhere') $$, '42P01', null,
    'disabling what is not there');
select throws_ok($$ insert into pgmq.notify_insert_throttle values ('bell', -1) $$, '23514', null,
    'nor can a row say so');

select * from finish();
