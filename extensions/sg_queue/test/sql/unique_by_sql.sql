-- Unique keys of queues that are served by SQL, and of users whose rights are: the same rules, no right more, and
-- nothing told to who may not send.
select no_plan();

create function keyed(key text) returns jsonb language sql as $$
    select jsonb_build_object('x-queue-unique-key', key)
$$;
create function error_of(call text, out state text, out message text) language plpgsql as $$
begin
    execute call;
exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text;
end
$$;

-- The same rules on every kind of queue -------------------------------------------------------------

create schema partman;
create extension pg_partman schema partman;
select pgmq.create_partitioned('Ids', '10', '100'), pgmq.create_partitioned('times', '1 day', '7 days'),
    pgmq.create('secured'), pgmq.create('checked'), pgmq.create('plain');
alter table pgmq.q_secured enable row level security;
alter table pgmq.q_checked add constraint small check (length(message::text) < 100);
create table kind as select unnest(array['ids', 'times', 'secured', 'checked', 'plain']) as name;

select is(pgmq.send(name, '{"a": 1}', keyed('k')), 1::bigint, name || ': the first is sent') from kind;
select is(pgmq.send(name, '{"a": 1}', keyed('k'), 60), 1::bigint, name || ': once') from kind;
select is(state, '23505', name || ': another body is refused')
from kind, error_of(format('select pgmq.send(%L, ''2'', keyed(''k''))', name));
select is(array(select pgmq.send_batch(name, array['1', '2', '1', '3', '{"a": 1}', null]::jsonb[],
        array[keyed('z'), keyed('b'), keyed('z'), null, keyed('k'), keyed('null')])),
    case name when 'plain' then array[4, 5, 4, 7, 1, 9] else array[2, 3, 2, 4, 1, 5] end::bigint[],
    name || ': a batch has its ids in order')
from kind;
select is(state, '23505', name || ': one key, two bodies')
from kind, error_of(format('select pgmq.send_batch(%L, array[''7'', ''8'']::jsonb[],
    array[keyed(''y''), keyed(''y'')])', name));
select is(state, '22023', name || ': a bad key refuses the batch')
from kind, error_of(format('select pgmq.send_batch(%L, array[''7'', ''8'']::jsonb[],
    array[keyed(''y''), keyed('''')])', name));
select is(array(select message from queue.peek(name)), array['{"a": 1}', '1', '2', '3', null]::jsonb[],
    name || ': nothing else was sent') from kind;
select unnest(array[is(array_agg(key order by key), array['b', 'k', 'null', 'z'], queue || ': nor claimed'),
    is(count(msg_id), 4::bigint, queue || ': every key has its message')])
from queue.unique_keys group by queue;
select is(count(*), 2::bigint, name || ': read and archived')
from kind, pgmq.read(name, 60, 2) r, pgmq.archive(name, r.msg_id) group by name;
select is(pgmq.send(name, '{"a": 1}', keyed('k')), 1::bigint, name || ': it is not sent again') from kind;
update queue.unique_keys set expires_at = now() where key = 'k';
select cmp_ok(pgmq.send(name, '"new"', keyed('k')), '>', 5::bigint,
    name || ': but when its window has passed')
from kind;
select is(pgmq.send(name, '"new"', keyed('k')), (select max(msg_id) from queue.peek(name)), name || ': and then once')
from kind;

-- What a table refuses ------------------------------------------------------------------------------

select is(state, '23514', 'a check refuses the message')
from error_of(format('select pgmq.send(''checked'', %L, keyed(''long''))', to_json(repeat('x', 100))));
select lives_ok($$ select pgmq.send('checked', '1', keyed('long')) $$, 'and its key is free');

create function leave_out() returns trigger language plpgsql as $$
begin
    return case when new.message = '"none"' then null else new end;
end
$$;
select pgmq.create('filtered');
create trigger leave_out before insert on pgmq.q_filtered for each row execute function leave_out();
select is_empty($$ select pgmq.send('filtered', '"none"', keyed('k')) $$, 'what a trigger leaves out has no id');
select is_empty($$ select from queue.unique_keys where queue = 'filtered' $$, 'nor takes its key');
select is(array(select pgmq.send_batch('filtered', array['1', '"none"', '"none"', '2', '"none"', '1']::jsonb[],
        array[keyed('a'), keyed('n'), keyed('n'), keyed('b'), null, keyed('a')])), array[2, 4, 2]::bigint[],
    'in a batch the others have theirs');
select is(array(select message from pgmq.q_filtered order by msg_id), array['1', '2']::jsonb[], 'and are sent');
select is(array_agg(key order by key), array['a', 'b'], 'and remembered')
from queue.unique_keys where queue = 'filtered';

-- Rights --------------------------------------------------------------------------------------------

create role unique_owner;
create role unique_sender;
create role unique_column_sender;
create role unique_blind_sender;
create role unique_stranger;
grant usage on schema pgmq to unique_owner, unique_sender, unique_column_sender, unique_blind_sender, unique_stranger;
grant create on schema pgmq to unique_owner;
grant select, insert, delete on pgmq.meta to unique_owner;
grant insert, select (msg_id) on pgmq.q_plain, pgmq.q_secured, pgmq.q_ids to unique_sender;
grant insert (message, headers, vt), select (msg_id) on pgmq.q_plain to unique_column_sender;
grant insert on pgmq.q_plain, pgmq.q_ids to unique_blind_sender;
create policy small on pgmq.q_secured for insert to unique_sender with check (message <> '"secret"');
create policy every on pgmq.q_secured for select to unique_sender using (true);

set role unique_sender;
select is(pgmq.send(name, '1', keyed('theirs')), pgmq.send(name, '1', keyed('theirs')), name || ': a sender sends once')
from unnest(array['plain', 'secured', 'ids']) name;
select is(current_user::text, 'unique_sender', 'and stays who it is');
select throws_ok('select from queue.unique_keys', '42501', null, 'but does not see keys');
select throws_ok($$ insert into queue.unique_keys values ('plain', 'x', '', 1, now()) $$, '42501', null,
    'nor writes them');
select throws_ok('select queue.forget_keys()', '42501', null, 'nor forgets them');
select throws_ok($$ select pgmq.send('secured', '"secret"', keyed('secret')) $$, '42501', null,
    'a policy refuses a message');
set role unique_column_sender;
select is(pgmq.send('plain', '2', keyed('columns')), pgmq.send('plain', '2', keyed('columns')),
    'columns are right enough');
select is(pgmq.send('plain', '1', keyed('theirs')), pgmq.send('plain', '1', keyed('theirs')), 'for another''s key, too');
set role unique_blind_sender;
select is(state, '42501', 'who may not have an id is told none: ' || name)
from unnest(array['plain', 'ids']) name, error_of(format('select pgmq.send(%L, ''1'', keyed(''theirs''))', name));
set role unique_stranger;
select is(state || ' ' || message, '42501 permission denied for table q_' || name,
    'nor is a stranger: ' || name || ' ' || body)
from unnest(array['plain', 'ids', 'secured']) name, unnest(array['1', '2']) body,
    error_of(format('select pgmq.send(%L, %L, keyed(''theirs''))', name, body));
select throws_ok('select queue._forget_queue()', '42501', null, 'and calls no trigger');
reset role;
select is_empty($$ select from queue.unique_keys where key = 'secret' $$, 'what was refused took no key');

set role unique_owner;
select pgmq.create('owned');
select lives_ok($$ select pgmq.send('owned', '1', keyed('k')) $$, 'an owner sends');
select ok(pgmq.drop_queue('owned'), 'and drops the queue');
reset role;
select is_empty($$ select from queue.unique_keys where queue = 'owned' $$, 'with its keys');

-- A search_path full of traps: what runs as the owner must not look there.
create schema trap;
create function trap.spring() returns boolean language plpgsql as $$ begin raise 'as %', current_user; end $$;
create function trap.texts(text, text) returns boolean language sql as 'select trap.spring()';
create function trap.times(timestamptz, timestamptz) returns boolean language sql as 'select trap.spring()';
create function trap.bytes(bytea, bytea) returns boolean language sql as 'select trap.spring()';
create function trap.clock_timestamp() returns timestamptz language plpgsql as $$ begin raise 'trapped'; end $$;
create function trap.unnest(anyarray) returns setof anyelement language plpgsql as $$ begin raise 'trapped'; end $$;
create operator trap.= (function = trap.texts, leftarg = text, rightarg = text);
create operator trap.<= (function = trap.times, leftarg = timestamptz, rightarg = timestamptz);
create operator trap.= (function = trap.bytes, leftarg = bytea, rightarg = bytea);
create table trap.unique_keys (like queue.unique_keys);
update queue.unique_keys set expires_at = now() where key = 'z';
grant usage on schema trap to unique_sender;
set role unique_sender;
set search_path = trap, public, pg_catalog;
select pgmq.send('plain', '1', keyed('trapped')) as direct, pgmq.send('plain', '1', keyed('trapped')) as direct_again,
    pgmq.send('plain', '"late"', keyed('z')) as late,
    (select count(*) from pgmq.send_batch('plain', array['2', '3']::jsonb[], array[keyed('t'), keyed('u')])) as sent,
    pgmq.send('ids', '1', keyed('trapped')) as by_sql, pgmq.send('ids', '1', keyed('trapped')) as by_sql_again \gset
reset search_path;
reset role;
select is(:direct_again, :direct, 'a send does not');
select is(array_agg(msg_id), array[:late::bigint], 'nor one of a key whose window has passed')
from pgmq.q_plain where message = '"late"';
select is(:sent, 2, 'nor a batch');
select is(:by_sql_again, :by_sql, 'nor one by SQL');
select is_empty('select from trap.unique_keys', 'and no other table has keys');

-- A table of keys that its owner has changed is written by SQL.
create function note_keys() returns trigger language plpgsql as $$ begin new.note := 'noted'; return new; end $$;
alter table queue.unique_keys add note text;
create trigger note_keys before insert on queue.unique_keys for each row execute function note_keys();
select is(pgmq.send('plain', '1', keyed('noted')), pgmq.send('plain', '1', keyed('noted')),
    'a changed table of keys keeps them');
select is((select count(distinct id) from pgmq.send_batch('plain', array['1', '1']::jsonb[],
    array[keyed('noted'), keyed('noted 2')]) id), 2::bigint, 'those of a batch, too');
select is(count(*), 2::bigint, 'with what its triggers say') from queue.unique_keys where note = 'noted';

drop owned by unique_owner, unique_sender, unique_column_sender, unique_blind_sender, unique_stranger;
drop role unique_owner, unique_sender, unique_column_sender, unique_blind_sender, unique_stranger;

select * from finish();
