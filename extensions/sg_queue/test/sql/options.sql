-- Options: who may set them, what they may be, that they are heard of at once and go with their queue.
select no_plan();
select pgmq.create('Jobs');

select results_eq($$ select * from queue.options_of('jobs') $$,
    $$ values (false, false, null::integer, null::integer, interval '90 days', false) $$, 'a new queue has the defaults');
select lives_ok($$ select queue.configure('JOBS', '{"memory_claims": true, "turns": true, "max_in_flight": 100,
    "max_in_flight_per_group": 2147483647, "unique_for": "1 day 12 hours", "paused": true}') $$, 'each can be set');
select results_eq($$ select * from queue.options_of('jobs') $$,
    $$ values (true, true, 100, 2147483647, interval '1 day 12 hours', true) $$, 'and is in effect at once');
select results_eq($$ select queue_name::text from queue.options $$, array['Jobs'],
    'under the name that the queue was given');
select lives_ok($$ select queue.configure('jobs', '{"max_in_flight": null, "turns": false, "unique_for": null, "paused": null}') $$,
    'some of them');
select results_eq($$ select * from queue.options_of('Jobs') $$,
    $$ values (true, false, null::integer, 2147483647, interval '90 days', false) $$,
    'null is the default, the others stay');
begin;
select queue.configure('jobs', '{"max_in_flight": 7}');
select is(max_in_flight, 7, 'a transaction sees what it has set') from queue.options_of('jobs');
rollback;
select is(max_in_flight, null, 'and takes it back') from queue.options_of('jobs');
update queue.options set max_in_flight = 8;
select is(max_in_flight, 8, 'a change of the table is heard of, too') from queue.options_of('jobs');
select lives_ok($$ select queue.configure('jobs', '{}') $$, 'nothing may be named');

create table before as select * from queue.options;
select throws_ok(format('select queue.configure(''jobs'', %L)', options), '22023', null, 'refuses ' || options)
from unnest(array['{"size": 1}', '{"": 1}', '{"queue_name": "x"}', '{"turns": 1}', '{"turns": "true"}', '{"turns": []}', '{"paused": 1}',
    '{"max_in_flight": 0}', '{"max_in_flight": -1}', '{"max_in_flight": 1.5}', '{"max_in_flight": 2147483648}',
    '{"max_in_flight": 1e400}', '{"max_in_flight": "5"}', '{"max_in_flight_per_group": 0}', '{"unique_for": 90}',
    '{"unique_for": "0"}', '{"unique_for": "-1 day"}', '{"unique_for": "soon"}', '{"unique_for": "infinity"}',
    '{"unique_for": "101 years"}', '{"turns": true, "max_in_flight": 0}', '[]', '1', 'null']) options;
select throws_ok($$ select queue.configure('jobs', null) $$, '22004');
select throws_ok($$ select queue.configure('nowhere', '{}') $$, '42P01');
select throws_ok($$ select queue.configure(null, '{}') $$, '22004');
select throws_ok($$ select queue.configure('a;b', '{}') $$, '42602');
select throws_ok($$ select * from queue.options_of('nowhere') $$, '42P01');
select results_eq('select * from queue.options', 'select * from before', 'and nothing changes');

\ir shared/hint_of.sql
select matches(pg_temp.hint_of(format('select queue.configure(%L, %L)', name, options)), '.', 'a hint for ' || options)
from (values ('jobs', '{"size": 1}'), ('jobs', '{"turns": 1}'), ('jobs', '{"max_in_flight": 0}'),
    ('jobs', '{"unique_for": "soon"}'), ('jobs', '[]'), ('nowhere', '{}')) call (name, options);

create role options_owner;
create role options_member in role options_owner;
create role options_sender;
create role options_stranger;
grant usage on schema pgmq to options_owner, options_sender, options_stranger;
grant create on schema pgmq to options_owner;
grant select, insert, delete on pgmq.meta to options_owner;
grant insert, select (msg_id) on pgmq.q_jobs to options_sender;
set role options_owner;
select pgmq.create('theirs');
select lives_ok($$ select queue.configure('theirs', '{"turns": true}') $$, 'who owns a queue configures it');
select throws_ok($$ select queue.configure('jobs', '{"turns": true}') $$, '42501', null, 'and no other');
select throws_ok($$ insert into queue.options values ('jobs') $$, '42501', null, 'nor past the function');
select throws_ok($$ select queue._set_options('theirs', '{"turns": true}') $$, '42501', null, 'nor by what it calls');
set role options_member;
select lives_ok($$ select queue.configure('theirs', '{"max_in_flight": 5}') $$, 'a member of the owner does');
set role options_sender;
select throws_ok($$ select queue.configure('jobs', '{"turns": true}') $$, '42501', null, 'a sender does not');
select throws_ok($$ select queue.configure('jobs', '{"size": 0}') $$, '42501', null, 'whatever it asks for');
select lives_ok($$ select pgmq.send('jobs', '1') $$, 'but reads them by the way');
select is(memory_claims, true, 'and may look') from queue.options_of('jobs');
set role options_stranger;
select throws_ok($$ select * from queue.options_of('jobs') $$, '42501', null, 'a stranger may not');
set role options_owner;
select ok(pgmq.drop_queue('theirs'), 'an owner drops a queue that was configured');
reset role;
select is_empty($$ select from queue.options where queue_name = 'theirs' $$, 'with its options');
select pgmq.create('theirs');
select is(turns, false, 'a new one of the name begins with the defaults') from queue.options_of('theirs');

select ok('queue.options'::regclass = any (extconfig), 'dumps hold the options')
from pg_extension where extname = 'sg_queue';
drop owned by options_owner, options_member, options_sender, options_stranger;
drop role options_owner, options_member, options_sender, options_stranger;

select * from finish();
