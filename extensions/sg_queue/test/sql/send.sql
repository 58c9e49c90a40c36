-- Sending: six shapes for one message, six for many; ids, headers, delays, wake-ups.
select no_plan();
select pgmq.create('s');

select results_eq($$ select send from pgmq.send('s', '1') $$, array[1::bigint], 'the column is named send');
select results_eq($$ select pgmq.send('s', '1', '{"h": 1}'::jsonb) $$, array[2::bigint], 'with headers');
select results_eq($$ select pgmq.send('s', '1', 60) $$, array[3::bigint], 'with a delay in seconds');
select results_eq($$ select pgmq.send('s', '1', now() + interval '1 hour') $$, array[4::bigint],
    'with a time');
select results_eq($$ select pgmq.send('s', '1', '{"h": 2}', 60) $$, array[5::bigint], 'headers and a delay');
select results_eq($$ select pgmq.send('s', '1', '{"h": 3}', now() + interval '1 hour') $$, array[6::bigint],
    'headers and a time');
select results_eq($$ select msg_id from pgmq.q_s where vt <= clock_timestamp() order by 1 $$,
    array[1, 2]::bigint[],
    'delayed messages are not visible yet');
select results_eq($$ select headers from pgmq.q_s where headers is not null order by msg_id $$,
    array['{"h": 1}', '{"h": 2}', '{"h": 3}']::jsonb[], 'headers are kept');
select lives_ok($$ select pgmq.send('s', null) $$, 'a message may be null');

select pgmq.purge_queue('s');
select results_eq($$ select send_batch from pgmq.send_batch('s', array['3', '1', '2']::jsonb[]) $$,
    array[8, 9, 10]::bigint[], 'ids go on after a purge');
select results_eq($$ select message from pgmq.q_s order by msg_id $$, array['3', '1', '2']::jsonb[],
    'and follow the order of the array');

create table batch as
    select array['1', '2']::jsonb[] as messages, array['{"h": 1}', null]::jsonb[] as headers;
select is(count(sent), 2::bigint, 'a batch with headers')
from batch, pgmq.send_batch('s', messages, headers) as sent;
select is(count(sent), 2::bigint, 'with a delay')
from batch, pgmq.send_batch('s', messages, 60) as sent;
select is(count(sent), 2::bigint, 'with a time')
from batch, pgmq.send_batch('s', messages, now() + interval '1 hour') as sent;
select is(count(sent), 2::bigint, 'headers and a delay')
from batch, pgmq.send_batch('s', messages, headers, 60) as sent;
select is(count(sent), 2::bigint, 'headers and a time')
from batch, pgmq.send_batch('s', messages, headers, now() + interval '1 hour') as sent;
select is(count(*), 8::bigint, 'delays hold for batches too') from pgmq.q_s where vt > clock_timestamp();
select is_empty($$ select pgmq.send_batch('s', array[]::jsonb[]) $$, 'an empty batch sends nothing');
select throws_ok($$ select pgmq.send_batch('s', array['1', '2']::jsonb[], array['{}']::jsonb[]) $$,
    '22023', null,
    'one header for two messages is refused');

select throws_ok($$ select pgmq.send('nowhere', '{}') $$, '42P01', null,
    'a queue that is not there is an error');

select pgmq.create('thousand');
create table thousand as
    select array_agg(to_jsonb(n) order by n) as messages from generate_series(1, 1000) n;
create table sent as
    select sent.id, sent.place
    from thousand, pgmq.send_batch('thousand', messages) with ordinality as sent (id, place);
select is_empty(
    $$ select * from sent join pgmq.q_thousand q on msg_id = id where message <> to_jsonb(place) $$,
    'a thousand ids come back in the order of their messages');

select * from finish();
