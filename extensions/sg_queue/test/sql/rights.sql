-- Rights are the caller's: who may create, send, read or look is decided by grants alone.
begin;
select no_plan();

create role queue_owner;
create role queue_sender;
create role queue_reader;
create role queue_monitor in role pg_monitor;
create role queue_looker;
grant usage on schema pgmq to queue_sender, queue_reader, queue_looker;
grant usage, create on schema pgmq to queue_owner;
grant select, insert, delete on pgmq.meta to queue_owner;

set role queue_owner;
select lives_ok($$ select pgmq.create('q') $$, 'a role with create on the schema makes queues of its own');
grant insert, select (msg_id) on pgmq.q_q to queue_sender;
grant select, delete, update (vt, read_ct, last_read_at) on pgmq.q_q to queue_reader;
grant insert on pgmq.a_q to queue_reader;

set role queue_sender;
select lives_ok($$ select pgmq.send('q', '{"secret": 1}') $$, 'a sender sends');
select lives_ok($$ select pgmq.send_batch('q', array['2', '3']::jsonb[]) $$, 'and sends batches');
select throws_ok($$ select * from pgmq.read('q', 1, 1) $$, '42501', null, 'but cannot read');
select throws_ok($$ select message from pgmq.q_q $$, '42501', null, 'not even by a query');
select throws_ok($$ select pgmq.delete('q', 1) $$, '42501', null, 'nor delete');
select throws_ok($$ select pgmq.create('mine') $$, '42501', null, 'nor create');

set role queue_reader;
select results_eq($$ select msg_id from pgmq.read('q', 60, 1) $$, array[1::bigint], 'a reader reads');
select lives_ok($$ select pgmq.set_vt('q', 1, 0) $$, 'moves a message');
select ok(pgmq.archive('q', 1), 'archives');
select ok(pgmq.delete('q', 2), 'deletes');
select results_eq($$ select msg_id from pgmq.pop('q') $$, array[3::bigint], 'and pops');
select throws_ok($$ select pgmq.send('q', '{}') $$, '42501', null, 'but cannot send');
select throws_ok($$ update pgmq.q_q set message = '{}' $$, '42501', null, 'nor change a message');
select throws_ok($$ select * from pgmq.a_q $$, '42501', null, 'nor look into the archive');
select throws_ok($$ select pgmq.purge_queue('q') $$, '42501', null, 'nor purge');
select throws_ok($$ select pgmq.drop_queue('q') $$, '42501', null, 'nor drop');

set role queue_owner;
select pgmq.create('dead_letters'), pgmq.send('q', '4'), pgmq.archive('q', 4);

set role queue_monitor;
select is((select count(*) from pgmq.metrics_all()), 2::bigint, 'a monitor sees the metrics of all queues');
select is((select total_messages from pgmq.metrics('q')), 4::bigint, 'of each with its totals');
select is((select count(*) from queue.depths()), 2::bigint, 'their depths');
select is((select count(*) from pgmq.list_queues()), 2::bigint, 'their list');
select lives_ok(look, 'a monitor may ' || look)
from unnest(array['select * from queue.peek(''q'')', 'select * from pgmq.a_q', 'select * from queue.dead_letters',
    'select * from queue.options', 'select * from queue.options_of(''q'')', 'select * from queue.aliases',
    'select * from pgmq.list_topic_bindings()', 'select * from pgmq.list_notify_insert_throttles()']) look;
select throws_ok(change, '42501', null, 'but not ' || change)
from unnest(array['select pgmq.send(''q'', ''1'')', 'select * from pgmq.read(''q'', 1, 1)', 'select pgmq.create(''mine'')',
    'select nextval(''pgmq.q_q_msg_id_seq'')', 'select * from queue.unique_keys']) change;

set role queue_owner;
grant select on pgmq.q_q to queue_looker;
set role queue_looker;
select lives_ok(look, 'who may read a queue may ' || look)
from unnest(array['select queue.peek(''q'')', 'select queue.depth(''q'')']) look;
select throws_ok(look, '42501', null, 'but needs more for ' || look)
from unnest(array['select pgmq.metrics(''q'')', 'select pgmq.metrics_all()', 'select queue.depths()',
    'select pgmq.list_queues()']) look;
reset role;
grant select on pgmq.meta to queue_looker;
set role queue_looker;
select is((select count(*) from queue.depths()), 1::bigint, 'may list what it may read');
select is((select count(*) from pgmq.metrics_all()), 0::bigint, 'not what it has no metrics of');
reset role;
grant select on pgmq.q_q_msg_id_seq to queue_looker;
set role queue_looker;
select is((select count(*) from pgmq.metrics_all()), 1::bigint, 'until it may read the sequence');

set role queue_owner;
select ok(pgmq.drop_queue('q'), 'the owner drops it');
reset role;

select ok(bool_and(proconfig @> array['search_path=pg_catalog, pg_temp']),
    'every function pins its search_path, but for those that put back what pg_partman changed')
from pg_proc
where pronamespace = 'pgmq'::regnamespace
    and proname not in ('create_partitioned', 'convert_archive_partitioned');
select is_empty($$ select oid::regprocedure from pg_proc
    where pronamespace = 'pgmq'::regnamespace and obj_description(oid, 'pg_proc') is null $$,
    'every function says what it does');

select * from finish();
rollback;
