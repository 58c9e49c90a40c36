-- Tables that their owner has changed: what the engine cannot write as SQL would is left to SQL.
select no_plan();
create extension amcheck;

-- A column that was dropped stays in the rows.
select pgmq.create('dropped');
alter table pgmq.q_dropped drop column headers, drop column last_read_at;
alter table pgmq.q_dropped add column last_read_at timestamptz, add column headers jsonb;
alter table pgmq.a_dropped drop column message, drop column archived_at;
alter table pgmq.a_dropped add column message jsonb, add column archived_at timestamptz not null default 'epoch';
select is(pgmq.send('dropped', '"a"', '{"h": 1}'::jsonb), 1::bigint, 'a message is sent');
select results_eq($$ select message, headers from pgmq.read('dropped', 0, 1) $$, $$ values ('"a"'::jsonb, '{"h": 1}'::jsonb) $$,
    'and read as it was sent');
select ok(pgmq.archive('dropped', 1), 'and archived');
select results_eq($$ select msg_id, message, headers, archived_at from pgmq.a_dropped $$,
    $$ values (1::bigint, '"a"'::jsonb, '{"h": 1}'::jsonb, 'epoch'::timestamptz) $$, 'as SQL does it, defaults too');

-- A column that may not be null.
select pgmq.create('strict');
alter table pgmq.q_strict alter message set not null;
select throws_ok($$ select pgmq.send('strict', null::jsonb) $$, '23502', null, 'what the table refuses is refused');
select pgmq.create('strictly_kept');
alter table pgmq.a_strictly_kept alter headers set not null;
select pgmq.send('strictly_kept', '1');
select throws_ok($$ select pgmq.archive('strictly_kept', 1) $$, '23502', null, 'by the archive, too');
select is(queue_length, 1::bigint, 'and the message stays') from pgmq.metrics('strictly_kept');

-- A claim that stays in its row's chain is told to indexes of blocks alone.
select pgmq.create('summarised');
create index on pgmq.q_summarised using brin (vt) with (pages_per_range = 1);
select count(*) from pgmq.send_batch('summarised', array_fill('1'::jsonb, array[500]));
select is(count(*), 500::bigint, 'all are claimed') from pgmq.read('summarised', 0, 500);
select is(count(*), 500::bigint, 'and again') from pgmq.read('summarised', 0, 500);
select pg_stat_force_next_flush();
select is(pg_stat_get_tuples_hot_updated('pgmq.q_summarised'::regclass) > 0, true, 'some within their blocks');
select lives_ok($$ select bt_index_check('pgmq.q_summarised_pkey', true) $$, 'the primary key knows each message once');

-- What was committed since a snapshot was taken would look wrong.
begin isolation level repeatable read;
select throws_ok($$ select queue.check('summarised') $$, '0A000', null, 'no check by an old snapshot');
commit;

select * from finish();
