-- Queues come and go: names, folding, idempotence, what is left behind.
select no_plan();
\ir shared/hint_of.sql

select lives_ok('create extension pgmq', 'clients may ask for pgmq by its name');

select lives_ok($$ select pgmq.create('Mixed-Case') $$, 'a name may have capitals and a hyphen');
select has_table('pgmq', 'q_mixed-case', 'the table name is folded');
select has_table('pgmq', 'a_mixed-case', 'the archive comes with the queue');
select results_eq($$ select queue_name::text from pgmq.list_queues() $$, array['Mixed-Case'],
    'meta keeps the case');
select lives_ok($$ select pgmq.create('mixed-CASE') $$, 'creating it again is no error');
select is((select count(*) from pgmq.meta), 1::bigint, 'and makes no second queue');

select throws_ok(format('select pgmq.create(%L)', name), '42602', null, 'refuses ' || name)
from unnest(array['a$b', 'a;b', 'a--b', 'a''b', '', repeat('x', 48)]) as name;
select lives_ok(format('select pgmq.create(%L)', repeat('x', 47)), 'accepts 47 characters');
select lives_ok($$ select pgmq.create('a "quoted" name.with dots') $$,
    'quotes, dots and blanks are just characters');
select is((select count(*) from pgmq.send('a "quoted" name.with dots', '1')), 1::bigint,
    'and can be sent to');

select lives_ok($$ select pgmq.create_unlogged('fleeting') $$, 'an unlogged queue can be created');
select results_eq(
    $$ select relname from pg_class where relname in ('q_fleeting', 'a_fleeting') and relpersistence = 'u' $$,
    array['q_fleeting'::name],
    'the queue is unlogged and its archive is not');
select results_eq($$ select is_unlogged from pgmq.list_queues() where queue_name = 'fleeting' $$, array[true],
    'list_queues tells so');

select ok(pgmq.drop_queue('MIXED-case'), 'drop_queue says true');
select hasnt_table('pgmq', 'q_mixed-case', 'the queue is gone');
select hasnt_table('pgmq', 'a_mixed-case', 'its archive too');
select ok(not pgmq.drop_queue('mixed-case'), 'dropping what is not there says false');

select pgmq.create('Typed'), pgmq.create('typed_archive');
create view pgmq.typed as select message ->> 'language' as language from pgmq.q_typed;
create view pgmq."Typed_archive" as select message ->> 'language' as language from pgmq.a_typed union select language from pgmq.typed;
create view pgmq.typed_archive as select message from pgmq.q_typed_archive;
create view pgmq.typed_archive_archive as select message from pgmq.q_typed_archive;
create view public.mine as select 1 from pgmq.q_typed;
select throws_ok($$ select pgmq.drop_queue('typed') $$, '2BP01', null, 'what else reads a queue keeps it from being dropped');
drop view public.mine;
select has_view('pgmq', 'typed', 'with its views');
select ok(pgmq.drop_queue('typed'), 'views of its name do not');
select hasnt_view('pgmq', 'typed', 'they go with it');
select hasnt_view('pgmq', 'Typed_archive', 'that of its archive too');
select has_view('pgmq', 'typed_archive', 'not one that reads another queue');
select ok(pgmq.drop_queue('typed_archive'), 'which takes its own along');
select is_empty($$ select from pg_views where schemaname = 'pgmq' and viewname ~* 'typed' $$, 'and all are gone');

-- Tables that somebody drops or renames.
select pgmq.create('lost'), pgmq.create('moved'), pgmq.create('Half'), pgmq.create('kept');
drop table pgmq.q_lost, pgmq.a_lost, pgmq.a_half;
alter table pgmq.q_moved rename to q_elsewhere;
select results_eq($$ select queue_name from pgmq.metrics_all() where queue_name ~ 'lost|moved|Half|kept' $$,
    array['Half', 'kept'], 'metrics_all leaves out what is not there');
select results_eq($$ select queue_name from queue.depths() where queue_name ~ 'lost|moved|Half|kept' $$,
    array['Half', 'kept'], 'and depths does');
select throws_ok($$ select pgmq.create('LOST') $$, '55000', 'the table of queue "LOST" is gone', 'create tells so');
select throws_ok(format('select %s(''lost'')', call), '42P01', 'the table of queue "lost" is gone', call || ' too')
from unnest(array['pgmq.metrics', 'pgmq.purge_queue', 'queue.peek', 'pgmq.pop', 'queue.check']) call;
select is(pg_temp.hint_of($$ select pgmq.send('lost', '1') $$),
    'Drop what is left of it: select pgmq.drop_queue(''name'').', 'and what to do about it');
create role may_not_look;
grant usage on schema pgmq to may_not_look;
set role may_not_look;
select throws_ok(format('select %s(''lost'')', call), '42P01', 'queue "lost" does not exist', call || ' tells who may look')
from unnest(array['pgmq.metrics', 'pgmq.pop']) call;
reset role;
drop owned by may_not_look;
drop role may_not_look;
select ok(pgmq.drop_queue('lost'), 'what is left of it can be dropped');
select ok(pgmq.drop_queue('moved'), 'of one that was renamed');
select hasnt_table('pgmq', 'a_moved', 'with the archive');
select has_table('pgmq', 'q_elsewhere', 'not under its new name');
select ok(pgmq.drop_queue('half'), 'and of one without an archive');
select is((select count(*) from pgmq.meta where queue_name ~ 'lost|moved|Half'), 0::bigint, 'nothing of them is left');
select lives_ok($$ select pgmq.create('lost'), pgmq.send('lost', '1') $$, 'and the name can be used again');

begin;
select pgmq.create('rolled_back');
rollback;
select hasnt_table('pgmq', 'q_rolled_back', 'create rolls back with its transaction');
select ok(not exists (select from pgmq.meta where queue_name = 'rolled_back'), 'and so does its row in meta');

select ok(not exists (
    select from pg_depend d join pg_class c on c.oid = d.objid
    where d.classid = 'pg_class'::regclass and d.deptype = 'e' and c.relname ~ '^[qa]_'),
    'queue tables do not belong to the extension, so that dumps hold them');
select ok('pgmq.meta'::regclass = any (extconfig), 'dumps hold the rows of meta')
from pg_extension where extname = 'sg_queue';

select * from finish();
