-- Sending: six shapes for one message, six for many; ids, headers, delays, wake-ups.
create extension if not exists pgtap;
create extension if not exists sg_queue;
select no_plan();
select pgmq.create('s');

select results_eq($$ select send from pgmq.send('s', '{"n": 1}') $$, array[1::bigint], 'the column is named send');
select results_eq($$ select send from pgmq.send('s', '{}', '{"h": 1}'::jsonb) $$, array[2::bigint], 'with headers');
select results_eq($$ select send from pgmq.send('s', '{}', 60) $$, array[3::bigint], 'with a delay in seconds');
select results_eq($$ select send from pgmq.send('s', '{}', now() + interval '1 hour') $$, array[4::bigint], 'with a time');
select results_eq($$ select send from pgmq.send('s', '{}', '{"h": 2}', 60) $$, array[5::bigint], 'headers and a delay');
select results_eq($$ select send from pgmq.send('s', '{}', '{"h": 3}', now() + interval '1 hour') $$, array[6::bigint],
    'headers and a time');
select results_eq($$ select msg_id from pgmq.q_s where vt <= clock_timestamp() order by 1 $$, array[1, 2]::bigint[],
    'delayed messages are not visible yet');
select results_eq($$ select headers from pgmq.q_s where headers is not null order by msg_id $$,
    array['{"h": 1}', '{"h": 2}', '{"h": 3}']::jsonb[], 'headers are kept');
select lives_ok($$ select pgmq.send('s', null) $$, 'a message may be null');

select pgmq.purge_queue('s');
select results_eq($$ select send_batch from pgmq.send_batch('s', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[]) $$,
    array[8, 9, 10]::bigint[], 'ids go on after a purge');
select results_eq($$ select message from pgmq.q_s order by msg_id $$, array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[],
    'and follow the order of the array');
select results_eq($$ select count(*) from pgmq.send_batch('s', array['1', '2']::jsonb[], array['{"h": 1}', null]::jsonb[]) $$,
    array[2::bigint], 'a batch with headers');
select results_eq($$ select count(*) from pgmq.send_batch('s', array['1']::jsonb[], 60) $$, array[1::bigint], 'with a delay');
select results_eq($$ select count(*) from pgmq.send_batch('s', array['1']::jsonb[], now() + interval '1 hour') $$,
    array[1::bigint], 'with a time');
select results_eq($$ select count(*) from pgmq.send_batch('s', array['1']::jsonb[], array['{}']::jsonb[], 60) $$,
    array[1::bigint], 'headers and a delay');
select results_eq(
    $$ select count(*) from pgmq.send_batch('s', array['1']::jsonb[], array['{}']::jsonb[], now() + interval '1 hour') $$,
    array[1::bigint], 'headers and a time');
select is((select count(*) from pgmq.q_s where vt > clock_timestamp()), 4::bigint, 'delays hold for batches too');
select is_empty($$ select pgmq.send_batch('s', array[]::jsonb[]) $$, 'an empty batch sends nothing');
select throws_ok($$ select pgmq.send_batch('s', array['1', '2']::jsonb[], array['{}']::jsonb[]) $$, '22023', null,
    'one header for two messages is refused');

select throws_ok($$ select pgmq.send('nowhere', '{}') $$, '42P01', null, 'a queue that is not there is an error');

select pgmq.create('thousand');
create table sent as
    select id, place
    from pgmq.send_batch('thousand', (select array_agg(to_jsonb(n) order by n) from generate_series(1, 1000) n))
        with ordinality as batch (id, place);
select is_empty($$ select * from sent join pgmq.q_thousand q on q.msg_id = sent.id where q.message <> to_jsonb(place) $$,
    'a thousand ids come back in the order of their messages');

select * from finish();
