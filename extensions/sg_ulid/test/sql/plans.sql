-- Plans: what the planner makes of ulids, and parallel workers that read and make them.
begin;
select plan(16);

create function plan_of(query text) returns text language plpgsql as $$
declare
    line text;
    lines text = '';
begin
    for line in execute 'explain (costs off) ' || query loop
        lines := lines || line || E'\n';
    end loop;
    return lines;
end
$$;

create table task (id ulid primary key default gen_monotonic_ulid(), name text not null);
insert into task (name) select repeat('x', 50) from generate_series(1, 100000);
create table step (task_id ulid not null, n integer not null);
insert into step select id, 1 from task;
analyze task, step;

select matches(plan_of('select id from task order by id desc limit 10'),
    'Index Only Scan Backward using task_pkey', 'the latest ids come from the index alone');
select matches(plan_of('select max(id) from task'), 'Index Only Scan Backward using task_pkey',
    'as does the maximum');
select matches(plan_of($$ select count(*) from task where id > (now() + interval '1 day')::ulid $$),
    'Index Only Scan using task_pkey', 'and a range of time');
select matches(plan_of($$ select * from task where id = '01GV5PA9EQG7D82Q3Y4PKBZSYV' $$),
    'Index Scan using task_pkey', 'one id comes from the index');
select matches(plan_of('select count(*) from task join step on step.task_id = task.id'), 'Hash Join',
    'two tables are joined by hash');
select matches(plan_of($$ select * from task where id < (timestamptz '2020-01-01+00')::ulid $$),
    $$Index Cond: \(id < '01DXF6DT000000000000000000'::ulid\)$$,
    'a constant time is an id before the query runs');
select matches(plan_of('select count(*) from task where id::uuid = gen_random_uuid()'),
    'Filter: \(\(id\)::uuid', 'a cast to uuid is left in place');

create function estimated_rows(query text) returns bigint language plpgsql as $$
declare
    plan json;
begin
    execute 'explain (format json) ' || query into plan;
    return plan -> 0 -> 'Plan' -> 'Plan Rows';
end
$$;
select is(estimated_rows('select * from gen_ulids(12345)'), 12345::bigint,
    'the number of ids asked for is known to the planner');
select is(estimated_rows('select * from gen_ulids((select 5))'), 1000::bigint, 'unless it is computed');

set local parallel_setup_cost = 0;
set local parallel_tuple_cost = 0;
set local min_parallel_table_scan_size = 0;
set local max_parallel_workers_per_gather = 2;
set local enable_indexonlyscan = off;
set local enable_indexscan = off;
select matches(plan_of('select min(id), max(id), count(distinct id) from task'), 'Gather',
    'parallel workers read ids');
select matches(plan_of('select max(task_id) from step'), 'Partial Aggregate', 'and aggregate them in parts');
select is(max(task_id), (select max(task_id::text)::ulid from step), 'with the right result') from step;

set local debug_parallel_query = on;
create temporary table latest as select gen_monotonic_ulid() as id;
select ok(gen_monotonic_ulid() > id,
    'a parallel worker makes a monotonic id after one of its leader') from latest;
select is(count(distinct id), 100000::bigint, 'parallel workers make ids that differ')
from (select gen_ulid() as id from task offset 0) as made;
select is(count(distinct id), 100000::bigint, 'monotonic ones too')
from (select gen_monotonic_ulid() as id from task offset 0) as made;
select matches(plan_of('select gen_ulid() from task'), 'Gather', 'and they do make them');

select * from finish();
rollback;
