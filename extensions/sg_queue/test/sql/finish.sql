-- Finishing: delete, archive, purge, and what metrics tell on the way.
select no_plan();
select pgmq.create('f');
select pgmq.send_batch('f', array_fill('{"x": 1}'::jsonb, array[6]), array_fill('{"h": 1}'::jsonb, array[6]));
select pgmq.read('f', 60, 1);

select results_eq(
    $$ select queue_name, queue_length, total_messages, queue_visible_length from pgmq.metrics('f') $$,
    $$ values ('f', 6::bigint, 6::bigint, 5::bigint) $$, 'metrics count waiting, sent and visible messages');
select is(array(select attname::text from pg_attribute
        where attrelid = 'pgmq.metrics_result'::regclass order by attnum),
    array['queue_name', 'queue_length', 'newest_msg_age_sec',
    'oldest_msg_age_sec', 'total_messages', 'scrape_time', 'queue_visible_length',
    'default_partition_length'],
    'metrics have these columns');

select ok(pgmq.delete('f', 2), 'deletes one');
select ok(not pgmq.delete('f', 2), 'only once');
select results_eq($$ select delete from pgmq.delete('f', array[3, 2, 99]::bigint[]) $$, array[3::bigint],
    'deletes many and returns those that were there');

create table kept as select * from pgmq.q_f where msg_id in (1, 4);
select ok(pgmq.archive('f', 1), 'archives one');
select ok(not pgmq.archive('f', 1), 'only once');
select results_eq($$ select archive from pgmq.archive('f', array[99, 4]::bigint[]) $$, array[4::bigint],
    'archives many and returns those that were there');
select results_eq(
    $$ select msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers from pgmq.a_f order by 1 $$,
    $$ select msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers from kept order by 1 $$,
    'the archive keeps everything of a message');
select ok(bool_and(archived_at is not null), 'and when it was archived') from pgmq.a_f;

select is(pgmq.purge_queue('f'), 2::bigint, 'purge tells how many there were');
select results_eq($$ select queue_length, total_messages from pgmq.metrics('f') $$,
    $$ values (0::bigint, 6::bigint) $$, 'the total stays');
select is((select count(*) from pgmq.a_f), 2::bigint, 'and so does the archive');

-- A file that the transaction has made itself is truncated in place.
begin;
select pgmq.purge_queue('f');
select pgmq.send('f', '1');
select pgmq.purge_queue('f');
select pgmq.create('fresh');
select pgmq.send('fresh', '1');
select pgmq.purge_queue('fresh');
select pgmq.send('fresh', '2');
commit;
select results_eq($$ select queue_name, messages, ready from queue.depths() order by 1 $$,
    $$ values ('f', 0::bigint, 0::bigint), ('fresh', 1, 1) $$, 'what was sent and purged at once is not counted');
select is((select sum(queue.check(queue_name)) from pgmq.meta), 0::numeric, 'nor kept in the index');
select is(array(select message from pgmq.read('fresh', 0, 10)), array['2']::jsonb[], 'what was sent after it is read');
select pgmq.drop_queue('fresh');

select pgmq.create('empty');
select results_eq(
    $$ select queue_length, newest_msg_age_sec, total_messages from pgmq.metrics('empty') $$,
    $$ values (0::bigint, null::int, 0::bigint) $$, 'an empty queue has no ages and no total');
select results_eq($$ select queue_name from pgmq.metrics_all() $$, array['empty', 'f'],
    'metrics_all lists every queue');
select throws_ok($$ select * from pgmq.metrics('nowhere') $$, '42P01', null,
    'a queue that is not there is an error');

-- Times that only other programs put there.
select pgmq.create('odd');
create table moment (enqueued_at timestamptz, age integer);
insert into moment values ('-infinity', 2147483647), ('infinity', -2147483648), ('0044-03-15 00:00:00+00 BC', 2147483647),
    ('9999-12-31 00:00:00+00', -2147483648), (null, null);
create function pg_temp.ages_of(moment timestamptz, out oldest integer, out newest integer) language plpgsql as $$
begin
    truncate pgmq.q_odd;
    if moment is not null then
        insert into pgmq.q_odd (enqueued_at, vt) values (moment, now());
    end if;
    select m.oldest_msg_age_sec, m.newest_msg_age_sec into oldest, newest
    from pgmq.metrics_all() m where m.queue_name = 'odd';
end
$$;
select results_eq(
    $$ select oldest, newest from moment, pg_temp.ages_of(enqueued_at) $$, $$ select age, age from moment $$,
    'metrics tell of any time, as far as an integer can');

select * from finish();
