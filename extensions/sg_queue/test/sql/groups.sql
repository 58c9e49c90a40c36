-- Groups: order within, turns between, what closes a group.
select no_plan();
create function pg_temp.group_of(name text) returns jsonb language sql
    return jsonb_build_object('x-pgmq-group', name);
create function pg_temp.fill(queue text, groups text[]) returns void language sql as $$
    select pgmq.create(queue);
    select pgmq.send(queue, to_jsonb(name), case when name <> '-' then pg_temp.group_of(name) end)
    from unnest(groups) name
$$;

select pg_temp.fill('g', '{a,a,b,a,-,b,-}');
select results_eq($$ select msg_id from pgmq.read_grouped('g', 60, 4) $$, array[1, 2, 4, 3]::bigint[],
    'all of the group that waits longest comes first, then the next');
select results_eq($$ select msg_id from pgmq.read_grouped('g', 60, 10) $$, array[5, 7]::bigint[],
    'a group with a message in flight is closed; those without a group are one');
select is_empty($$ select * from pgmq.read_grouped('g', 60, 10) $$, 'then every group is closed');
select pgmq.delete('g', 3);
select results_eq($$ select msg_id from pgmq.read_grouped('g', 60, 10) $$, array[6::bigint],
    'a group opens when what was in flight is finished');
select pgmq.set_vt('g', 1, 0);
select results_eq($$ select msg_id, read_ct from pgmq.read_grouped('g', 60, 10) $$,
    $$ values (1::bigint, 2) $$,
    'what comes back is read again, and nothing behind it that is still in flight');

select pg_temp.fill('rr', '{a,a,a,b,b,c}');
select results_eq($$ select msg_id from pgmq.read_grouped_rr('rr', 0, 5) $$, array[1, 4, 6, 2, 5]::bigint[],
    'in turns: the first of each group, then the second of each');
select results_eq($$ select msg_id from pgmq.read_grouped_head('rr', 0, 10) $$, array[1, 4, 6]::bigint[],
    'or the head of each group alone');
select results_eq($$ select msg_id from pgmq.read_grouped_head('rr', 60, 2) $$, array[1, 4]::bigint[],
    'of as many groups as were asked for');
select results_eq($$ select msg_id from pgmq.read_grouped_rr('rr', 60, 10) $$, array[6::bigint],
    'the other groups go on meanwhile');

select pgmq.create('delayed');
select pgmq.send('delayed', '1', pg_temp.group_of('a'));
select pgmq.send('delayed', '2', pg_temp.group_of('a'), 3600);
select pgmq.send('delayed', '3', pg_temp.group_of('a'));
select results_eq($$ select msg_id from pgmq.read_grouped('delayed', 60, 10) $$, array[1::bigint],
    'a delayed message holds back those behind it');

begin;
select pgmq.delete('g', array(select msg_id from pgmq.q_g));
select pgmq.send('g', '1', pg_temp.group_of('new'));
rollback;
select is_empty($$ select * from pgmq.read_grouped_rr('g', 60, 10) $$, 'what was rolled back opens nothing');

select results_eq($$ select read_ct, last_read_at is not null, vt > clock_timestamp(), message, headers
    from pgmq.q_g where msg_id = 1 $$,
    $$ values (2, true, true, '"a"'::jsonb, '{"x-pgmq-group": "a"}'::jsonb) $$,
    'a claim is one as any other');

select pg_temp.fill('poll', '{a,b}');
select results_eq(format($$ select msg_id from pgmq.%I('poll', 0, 1, 0, 10) $$, name), array[1::bigint],
    name || ' reads at once')
from unnest(array['read_grouped_with_poll', 'read_grouped_rr_with_poll', 'read_grouped_head_with_poll']) name;
select pgmq.set_vt('poll', array[1, 2]::bigint[], 3600);
select is_empty($$ select * from pgmq.read_grouped_with_poll('poll', 60, 1, 0) $$,
    'and ends without a message');
select pgmq.set_vt('poll', 1, 1);
select results_eq($$ select msg_id from pgmq.read_grouped_rr_with_poll('poll', 60, 1, 30, 20) $$,
    array[1::bigint],
    'or waits for one');

select pgmq.create_fifo_index('g');
select lives_ok($$ select pgmq.create_fifo_index('g') $$, 'its index can be asked for twice');
select lives_ok($$ select pgmq.create_fifo_indexes_all() $$, 'and for all queues');
select is((select count(*) from pg_indexes where schemaname = 'pgmq' and indexname like '%fifo_idx'),
    (select count(*) from pgmq.list_queues()), 'every queue has one then');

select throws_ok(format('select * from pgmq.%I(''nowhere'', 1, 1)', name), '42P01',
    'queue "nowhere" does not exist',
    name || ' of a queue that is not there')
from unnest(array['read_grouped', 'read_grouped_rr', 'read_grouped_head', 'read_grouped_with_poll']) name;

select * from finish();
