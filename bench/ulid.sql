-- ULIDs against uuid, in one session and as ratios: generation, sorting, index build. Run by bench/ulid.
--
-- Each pair of statements differs in one word. Rounds alternate and the fastest of each counts, so
-- that what else the machine does falls on both sides alike.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off

set max_parallel_workers_per_gather = 0;
set max_parallel_maintenance_workers = 0;
set jit = off;
set work_mem = '512MB';
set maintenance_work_mem = '512MB';
set client_min_messages = warning;

set bench.rounds = :rounds;

create extension sg_ulid;

create temporary table contest (
    name text not null,
    ours text not null,
    theirs text not null,
    baseline text not null default 'select',
    wanted numeric not null
);

create temporary table time_taken (statement text not null, milliseconds numeric not null);

create procedure run_once(statement text) language plpgsql as $$
declare
    started timestamptz := clock_timestamp();
begin
    execute statement;
    insert into time_taken values (statement, extract(epoch from clock_timestamp() - started) * 1000);
    drop index if exists contest_index;
end
$$;

create function fastest(of_statement text) returns numeric language sql stable
    return (select min(milliseconds) from time_taken where statement = of_statement);

-- The same values in both types, in no order; and what each generator makes, in the order it comes.
create unlogged table shuffled_ulid as
    select id from (select gen_ulid() as id from generate_series(1, :rows) order by random()) as ids;
create unlogged table shuffled_uuid as select id::uuid as id from shuffled_ulid;
create unlogged table generated_ulid as select gen_ulid() as id from generate_series(1, :rows);
create unlogged table generated_uuid as select gen_random_uuid() as id from generate_series(1, :rows);
vacuum (freeze, analyze) shuffled_ulid, shuffled_uuid, generated_ulid, generated_uuid;

create function counting(expression text, rows integer) returns text language sql immutable
    return format('select count(id) from (select %s as id from generate_series(1, %s) offset 0) as ids',
                  expression, rows);

insert into contest (name, ours, theirs, baseline, wanted)
select 'generate: ' || generator,
       counting(generator, :rows),
       counting('gen_random_uuid()', :rows),
       counting($$uuid '00000000-0000-0000-0000-000000000000'$$, :rows),
       10
from unnest(array['gen_ulid()', 'gen_monotonic_ulid()']) as generator;

with source (name, explanation) as (
    values ('shuffled', 'same values, no order'), ('generated', 'as generated')
)
insert into contest (name, ours, theirs, wanted)
select 'sort: ' || explanation,
       format('select count(id) from (select id from %s_ulid order by id offset 0) as ids', name),
       format('select count(id) from (select id from %s_uuid order by id offset 0) as ids', name), 1
from source
union all
select 'index build: ' || explanation,
       format('create index contest_index on %s_ulid (id)', name),
       format('create index contest_index on %s_uuid (id)', name), 1
from source;

do $$
declare
    pair record;
begin
    for round in 1 .. current_setting('bench.rounds')::integer loop
        for pair in select * from contest loop
            call run_once(pair.baseline);
            call run_once(case when round % 2 = 0 then pair.ours else pair.theirs end);
            call run_once(case when round % 2 = 0 then pair.theirs else pair.ours end);
        end loop;
    end loop;
end
$$;

create temporary view result as
select name,
       fastest(theirs) - fastest(baseline) as uuid_net,
       greatest(fastest(ours) - fastest(baseline), 0.1) as ulid_net,
       wanted
from contest;

\echo :rows rows, fastest of :rounds rounds, net of the same query with a constant where one ran
select name,
       round(uuid_net, 1) as "uuid, ms",
       round(ulid_net, 1) as "ulid, ms",
       round(uuid_net / ulid_net, 2) as "times faster",
       wanted,
       case when uuid_net / ulid_net >= wanted then 'yes' else 'NO' end as holds
from result;

do $$
begin
    if exists (select from result where uuid_net / ulid_net < wanted) then
        raise exception 'a ratio does not hold';
    end if;
end
$$;
