-- sum_up_jobs() says what SQL says in several passes, alone and by several workers.
select no_plan();

select setseed(0.5);
create table job as
    select i % 40 as place, (array['python', 'rust', 'Brain"f\ck', 'Grüße', ''])[1 + (random() * random() * 5)::integer % 5] as language,
        (array['completed', 'completed', 'failed', 'running'])[1 + (random() * 4)::integer % 4] as status,
        case when random() < 0.9 then (exp(10 * random()))::integer - 1 end as ms,
        case when random() < 0.9 then (random() * 1000)::integer end as mb
    from generate_series(1, 20000) i;
insert into job values (100, 'python', 'running', 1, 1), (101, 'python', 'completed', null, null),
    (102, 'python', 'failed', 7, null), (103, 'python', 'completed', 2147483647, 2147483647),
    (103, 'python', 'completed', 2147483647, 2147483647), (104, null, 'completed', 1, 1), (104, 'python', null, 1, 1),
    (105, 'python', 'completed', -1, -1), (106, 'python', 'completed', 1, 1), (106, 'python', 'completed', 2, 1),
    (107, 'python', 'completed', -1, 1), (107, 'python', 'completed', -2, 1);
analyze job;

create view expected as
    select place, count(*) filter (where status = 'completed')::integer as completed,
        count(*) filter (where status = 'failed')::integer as failed, round(avg(ms))::integer as average,
        coalesce(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by ms), array[null, null, null]::integer[])
            as percentiles,
        case when sum(mb) < 2147483647 then sum(mb) when count(mb) > 0 then 2147483647 end::integer as memory
    from job
    where status in ('completed', 'failed') and language is not null
    group by place;
create view expected_language as
    select place, language, count(*) as ended, count(*) filter (where status = 'failed') as failed,
        count(log_time) as timed, avg(log_time) as log_mean, var_samp(log_time) as log_variance
    from job, ln(case when status = 'completed' and ms >= 0 then ms + 1.0::double precision end) l (log_time)
    where status in ('completed', 'failed') and language is not null
    group by place, language;
create view found as
    select place, (t).jobs_completed as completed, (t).jobs_failed as failed, (t).avg_execution_time_ms as average,
        array[(t).p50_execution_time_ms, (t).p95_execution_time_ms, (t).p99_execution_time_ms] as percentiles,
        (t).total_memory_used_mb as memory, (t).languages
    from (select place, sum_up_jobs(language, status, ms, mb) as t from job group by place) each;
create view found_language as
    select place, key as language, f.*
    from found, jsonb_each(languages),
        jsonb_to_record(value) f (ended bigint, failed bigint, timed bigint, log_mean double precision,
            log_variance double precision);
-- Up to what floating point makes of the order.
create view found_close as
    select f.place, language, f.ended, f.failed, f.timed,
        f.log_mean is not distinct from e.log_mean or abs(f.log_mean - e.log_mean) < 1e-9 as same_mean,
        f.log_variance is not distinct from e.log_variance or abs(f.log_variance - e.log_variance) < 1e-9 as same_variance
    from found_language f join expected_language e using (place, language);

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

create function pg_temp.same(how text) returns setof text language sql as $$
    select results_eq('select place, completed, failed, average, percentiles, memory from found
            where completed + failed > 0 order by place',
        'select * from expected order by place', 'windows are as SQL sums them up ' || how)
    union all
    select results_eq('select * from found_close order by place, language',
        'select place, language, ended, failed, timed, true, true from expected_language order by place, language',
        'and languages are, ' || how);
$$;

set max_parallel_workers_per_gather = 0;
select pg_temp.same('alone');
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0.1;
set min_parallel_table_scan_size = 0;
set max_parallel_workers_per_gather = 4;
select matches(plan_of('select place, sum_up_jobs(language, status, ms, mb) from job group by place'),
    'Finalize.*Gather.*Partial', 'workers sum up');
select pg_temp.same('by workers');
reset max_parallel_workers_per_gather;

select is(sum_up_jobs(language, status, ms, mb), '(0,0,,,,,,{})'::job_totals, 'of no job there is nothing')
from job where place = 100;
select is(sum_up_jobs(language, status, ms, mb), '(0,0,,,,,,{})'::job_totals, 'nor of no row') from job where false;
select is((totals.t).total_memory_used_mb, -2147483648, 'what an integer cannot hold is told as near as it can')
from (select sum_up_jobs('python', 'completed', 1, -2000000000) as t from generate_series(1, 2)) totals;
select results_eq($$ select count(*), max((value ->> 'ended')::integer), sum((value ->> 'ended')::integer)
        from (select sum_up_jobs('made up ' || i, 'completed', i, 1) as t from generate_series(1, 1000) i) totals,
            jsonb_each((totals.t).languages) $$,
    $$ values (101::bigint, 900, 1000::bigint) $$, 'languages beyond the first hundred are other');
select throws_ok('select job_totals_row(null)', '42883', null, 'its parts are of no use to anybody');
select * from finish();
