-- Rights are the caller's: who may create, send, read or look is decided by grants alone.
begin;
select no_plan();

create role queue_owner;
create role queue_sender;
create role queue_reader;
grant usage on schema pgmq to queue_sender, queue_reader;
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
