-- Partitioned queues, by ids and by time, with pg_partman and without.
select no_plan();

select throws_ok(call, '55000', 'partitioned queues need the extension pg_partman',
    call || ' needs pg_partman')
from unnest(array[$$ select pgmq.create_partitioned('p') $$]) call;
select ok(not pgmq._extension_exists('pg_partman'), 'which is not there');
select ok(pgmq._get_pg_partman_schema() is null and pgmq._get_pg_partman_major_version() is null,
    'nor has a schema');
select pgmq.create('plain');
select throws_ok($$ select pgmq.convert_archive_partitioned('plain') $$, '55000', null,
    'converting needs it too');

create schema partman;
create extension pg_partman schema partman;
select is(pgmq._get_pg_partman_schema(), 'partman', 'pg_partman is found in its schema');
select ok(pgmq._get_pg_partman_major_version() >= 4, 'with its version');
select lives_ok($$ select pgmq._ensure_pg_partman_installed() $$, 'and is installed');
select is(pgmq._get_partition_col('10000'), 'msg_id', 'a number partitions by id');
select is(pgmq._get_partition_col('1 day'), 'enqueued_at', 'a length of time by time');

select lives_ok($$ select pgmq.create_partitioned('Ids', '10', '100', 2) $$, 'a queue in partitions by id');
select isnt(current_setting('search_path'), 'pg_catalog, pg_temp', 'which leaves the search_path as it was');
select lives_ok($$ select pgmq.create_partitioned('times', '1 day', '7 days') $$, 'one by time');
select lives_ok($$ select pgmq.create_partitioned('ids') $$, 'one that is there is no error');
select results_eq($$ select queue_name::text, is_partitioned, is_unlogged from pgmq.list_queues() $$,
    $$ values ('Ids', true, false), ('plain', false, false), ('times', true, false) $$, 'the list tells so');
select results_eq($$ select parent_table, control, retention, retention_keep_table, premake
        from partman.part_config order by 1 $$,
    $$ values ('pgmq.a_ids', 'msg_id', '100', false, 2), ('pgmq.a_times', 'archived_at', '7 days', false, 4),
        ('pgmq.q_ids', 'msg_id', '100', false, 2), ('pgmq.q_times', 'enqueued_at', '7 days', false, 4) $$,
    'pg_partman knows the tables, what partitions them and what to keep');

select is((select count(*) from pgmq.send_batch('ids', array_fill('{"x": 1}'::jsonb, array[60]))), 60::bigint,
    'messages can be sent');
select results_eq($$ select queue_length, total_messages, queue_visible_length, default_partition_length > 0
        from pgmq.metrics('ids') $$,
    $$ values (60::bigint, 60::bigint, 60::bigint, true) $$,
    'metrics count them and those that fit no partition');
select results_eq($$ select msg_id from pgmq.read('ids', 60, 3) $$, array[1, 2, 3]::bigint[],
    'read in order');
select ok(pgmq.archive('ids', 1) and pgmq.delete('ids', 2), 'archived, deleted');
select results_eq($$ select msg_id from pgmq.set_vt('ids', 3, 0) $$, array[3::bigint], 'moved');
select results_eq($$ select msg_id from pgmq.pop('ids') $$, array[3::bigint], 'popped');
select results_eq($$ select msg_id from pgmq.a_ids $$, array[1::bigint], 'the archive is one');
select results_eq($$ select msg_id from pgmq.read_grouped('ids', 60, 2) $$, array[4, 5]::bigint[], 'grouped');
select lives_ok($$ select pgmq.create_fifo_index('ids') $$, 'indexed');
select is(pgmq.purge_queue('ids'), 57::bigint, 'purged');
select results_eq($$ select send from pgmq.send('times', '1') $$, array[1::bigint], 'by time as well');
select is((select count(*) from pgmq.read('times', 60, 1)), 1::bigint, 'and read');
select ok(pgmq.archive('times', 1), 'and archived');

select pgmq.send_batch('plain', array['1', '2']::jsonb[]);
select pgmq.archive('plain', 1);
select lives_ok($$ select pgmq.convert_archive_partitioned('plain', '10', '100', 3) $$,
    'an archive can be converted');
select lives_ok($$ select pgmq.convert_archive_partitioned('plain') $$, 'twice is no error');
select results_eq($$ select msg_id from pgmq.a_plain_old $$, array[1::bigint], 'what it held is beside it');
select pgmq.archive('plain', 2);
select results_eq($$ select msg_id from pgmq.a_plain $$, array[2::bigint], 'and it takes new messages');
select results_eq($$ select premake from partman.part_config where parent_table = 'pgmq.a_plain' $$, array[3],
    'with as many partitions ahead as asked for');

select pgmq.create('again'), pgmq.convert_archive_partitioned('again'), pgmq.drop_queue('again'), pgmq.create('again');
select has_table('pgmq', 'a_again_old', 'dropping a queue leaves what was put aside');
select throws_ok($$ select pgmq.convert_archive_partitioned('again') $$, '42P07',
    'the archive of queue "again" cannot be renamed: pgmq.a_again_old is there already', 'which is not overwritten');
alter table pgmq.a_again_old rename to elsewhere;
select throws_ok($$ select pgmq.convert_archive_partitioned('again') $$, '42P07',
    'the archive of queue "again" cannot be renamed: pgmq.a_again_old_idx is there already', 'nor its index');
drop table pgmq.elsewhere;
select lives_ok($$ select pgmq.convert_archive_partitioned('again') $$, 'and is in nobody''s way once it is gone');
select pgmq.drop_queue('again');

select ok(pgmq.drop_queue('IDS'), 'dropped');
select ok(pgmq.drop_queue('times', true), 'in the deprecated form as well');
select is_empty($$ select relname from pg_class where relname ~ '(ids|times)' and relnamespace in
        ('pgmq'::regnamespace, 'partman'::regnamespace) $$, 'nothing of them is left');
select is_empty($$ select * from partman.part_config where parent_table ~ '(ids|times)' $$,
    'and pg_partman has forgotten them');

select pgmq.create_partitioned('gone', '10', '100');
drop table pgmq.q_gone;
select ok(pgmq.drop_queue('gone'), 'one whose table somebody dropped can be dropped');
select is_empty($$ select from partman.part_config where parent_table ~ 'gone'
    union all select from pg_class where relnamespace = 'partman'::regnamespace and relname ~ 'gone' $$,
    'and pg_partman forgets it too');
select lives_ok($$ select partman.run_maintenance() $$, 'so that its maintenance goes on');

select throws_ok(
    format('select pgmq.create_partitioned(%L, %L, %L, %L)', name, every, keep, ahead), state, null,
    format('refuses %L %L %L %L', name, every, keep, ahead))
from (values ('a.b', '10', '100', '4', '0A000'), ('x', '10', '1 day', '4', '22023'),
    ('x', 'often', 'long', '4', '22023'), ('x', '1 day', '-5 days', '4', '22023'), ('x', '-5', '-5', '4', '22023'),
    ('x', '10', '99999999999999999999', '4', '22023'), ('x', '1 day', 'infinity', '4', '22023'),
    ('x', '1 day', '100000 years', '4', '22023'), ('x', 'infinity', '1 day', '4', '22023'),
    ('x', '0.1 seconds', '1 day', '4', '22023'), ('x', '0 days', '1 day', '4', '22023'),
    ('x', '9000000000000000000', '1', '4', '22023'), ('x', null, '1', '4', '22004'), ('x', '0', '1', '4', '22023'),
    ('x', '10', '100', '-1', '22023'), ('x', '10', '100', null, '22023'), ('a--b', '10', '100', '4', '42602'),
    (null, '10', '100', '4', '22004'), ('x', '99999999999999999999', '1', '4', '22023'))
    as t (name, every, keep, ahead, state);
select throws_ok($$ select pgmq.convert_archive_partitioned('nowhere') $$, '42P01', null,
    'an archive that is not there cannot be converted');
select is((select count(*) from pgmq.list_queues()), 1::bigint, 'nothing came of all that');

select lives_ok(format('select pgmq.create_partitioned(%L, %L, %L, %L)', 'edge' || ahead, every, keep, ahead),
    format('takes %L %L %L', every, keep, ahead))
from (values ('2', '0', 1), ('1000000000000000', '9223372036854775807', 3), ('1 second', '0 seconds', 2),
    ('100 years', '1000 years', 4)) as t (every, keep, ahead);
select pgmq.send(queue_name, '1') from pgmq.meta where queue_name ~ '^edge';
select lives_ok($$ select partman.run_maintenance() $$, 'and maintenance keeps to it');
select is(sum(messages), 4::numeric, 'with what was just sent') from queue.depths() where queue_name ~ '^edge';

select * from finish();
