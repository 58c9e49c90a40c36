-- A queue that is paused gives readers nothing and takes what is sent; what was claimed before goes its way.
-- Reading by groups ends claims in memory, as ever.
select no_plan();
select pgmq.create('engine'), pgmq.create('Leased'), pgmq.create('bounded'), pgmq.create('plain');
select queue.configure('leased', '{"memory_claims": true}'), queue.configure('bounded', '{"max_in_flight": 100, "turns": true}');
create rule served_by_sql as on update to pgmq.q_plain where false do also nothing;
create table names as select queue_name::text as name from pgmq.meta;

select count(*) from names, pgmq.send_batch(name, array['1', '2', '3', '4', '5']::jsonb[]);
select pgmq.send(name, '"late"', 3600) from names;
select is(count(*), 2::bigint, name || ': two are claimed') from names, pgmq.read(name, 3600, 2) group by name;
select queue.configure(name, '{"paused": true}') from names;

select is((select count(*) from pgmq.read(name, 0, 10)), 0::bigint, name || ': read gives nothing') from names;
select is((select count(*) from pgmq.read(name, 0, 10, '3')), 0::bigint, name || ': of a kind neither') from names;
select is((select count(*) from pgmq.read_with_poll(name, 0, 10, 0)), 0::bigint, name || ': nor one that waits') from names;
select is((select count(*) from pgmq.pop(name, 10)), 0::bigint, name || ': nor pop') from names;
select is((select count(*) from pgmq.read_grouped(name, 0, 10)), 0::bigint, name || ': nor by groups') from names where name <> 'Leased';
select is((select count(*) from pgmq.read_grouped_rr(name, 0, 10)), 0::bigint, name || ': in turns') from names where name <> 'Leased';
select is((select count(*) from pgmq.read_grouped_head(name, 0, 10)), 0::bigint, name || ': or heads') from names where name <> 'Leased';
select is((select sent from pgmq.send(name, '"new"') sent), 7::bigint, name || ': it takes what is sent') from names;
begin;
select pgmq.send(name, '"mine"') from names;
select is((select count(*) from pgmq.read(name, 0, 10)), 0::bigint, name || ': not even what oneself has sent') from names;
select is((select count(*) from pgmq.read_grouped(name, 0, 10)), 0::bigint, name || ': by groups neither') from names where name <> 'Leased';
rollback;
begin isolation level repeatable read;
select is((select count(*) from pgmq.read(name, 0, 10)), 0::bigint, name || ': nor under an old snapshot') from names;
rollback;
create table woken (name text);
do $$ declare who text; begin
    call queue.wait(array['engine', 'Leased', 'bounded'], 0.05, who);
    insert into woken values (who);
end $$;
select is(name, null, 'nobody is called') from woken;

select is(pgmq.archive(name, 1), true, name || ': a claim ends as it would') from names;
select is(queue.retry(name, 2, 1, '0', 'x'), true, name || ': or is given back') from names;
select results_eq(format('select * from queue.depth(%L)', name), $$ values (6::bigint, 5::bigint) $$, name || ': depth tells what would be ready')
from names;
select is((select count(*) from pgmq.set_vt(name, 6, 0)), 1::bigint, name || ': and times move') from names;
begin;
select queue.configure('engine', '{"paused": false}');
rollback;
select is((select count(*) from pgmq.read('engine', 0, 10)), 0::bigint, 'going on rolls back');

select queue.configure(name, '{"paused": false}') from names;
select results_eq(format('select msg_id from pgmq.read(%L, 0, 10) order by 1', name), array[2, 3, 4, 5, 6, 7]::bigint[], name || ': all are read again')
from names;
begin;
select queue.configure('engine', '{"paused": true}');
select is((select count(*) from pgmq.read('engine', 0, 10)), 6::bigint, 'a pause begins at the commit');
rollback;
select is(count(*), 6::bigint, 'or never') from pgmq.read('engine', 0, 10);

-- Claims in memory outlive a pause, which empties no index.
select is((select read_ct from pgmq.read('leased', 3600, 1)), 3, 'a claim in memory');
select queue.configure('leased', '{"paused": true}');
select queue.configure('leased', '{"paused": null}');
select is(min(msg_id), 3::bigint, 'stays one') from pgmq.read('leased', 3600, 10);
select is(read_ct, 3, 'with its count') from pgmq.set_vt('leased', 2, 0);
select is(sum(queue.check(name)), 0::numeric, 'the indexes are as the tables') from names where name <> 'plain';

-- By other means than configure.
update queue.options set paused = true where queue_name = 'engine';
select is((select count(*) from pgmq.read('engine', 0, 10)), 0::bigint, 'a row that is changed pauses');
delete from queue.options where queue_name = 'engine';
select is((select count(*) from pgmq.read('engine', 0, 10)), 6::bigint, 'one that is deleted does not');
insert into queue.options (queue_name, paused) values ('engine', true);
select is((select count(*) from pgmq.read('engine', 0, 10)), 0::bigint, 'one that is inserted does');

-- Beyond the index's bound.
set sg_queue.index_messages = 100;
select pgmq.create('long');
select count(*) from pgmq.send_batch('long', array_fill('1'::jsonb, array[1000]));
select queue.configure('long', '{"paused": true}');
select is((select count(*) from pgmq.read('long', 0, 10)), 0::bigint, 'a long queue pauses');
select is((select count(*) from pgmq.read('long', 0, 10, '1')), 0::bigint, 'of a kind, too');
do $$ declare who text; begin call queue.wait(array['long'], 0, who); update woken set name = who; end $$;
select is(name, null, 'and calls nobody') from woken;
select queue.configure('long', '{"paused": false}');
select is((select count(*) from pgmq.read('long', 0, 2000)), 1000::bigint, 'and goes on');

select * from finish();
