-- BRIN: small indexes over big tables of ids, by range of time, by several ranges and by bloom filter.
begin;
select plan(9);

create table event as
    select (timestamptz '2024-01-01 00:00+00' + n * interval '1 second')::ulid as id, n,
        repeat('x', 100) as body
    from generate_series(1, 50000) as n;
analyze event;
set local enable_seqscan = off;

create function plan_of(query text) returns text language plpgsql as $$
declare
    line text;
    lines text = '';
begin
    for line in execute 'explain (analyze, costs off, timing off, summary off) ' || query loop
        lines := lines || line || E'\n';
    end loop;
    return lines;
end
$$;

create function pages_read(query text) returns integer language sql
    return substring(plan_of(query) from 'lossy=(\d+)')::integer;

\set since '(timestamptz ''2024-01-01 05:00+00'')::ulid'
\set until '(timestamptz ''2024-01-01 06:00+00'')::ulid'
\set an_hour 'select count(*) from event where id >= ' :since ' and id < ' :until
\set one 'select n from event where id = ' :since

create index event_brin on event using brin (id) with (pages_per_range = 8);
select matches(plan_of(:'an_hour'), 'Bitmap Index Scan on event_brin', 'minmax is used for a range of time');
select is((:an_hour), 3600::bigint, 'and finds all of it');
select cmp_ok(pages_read(:'an_hour'), '<', 100, 'and reads only the pages of that time');
insert into event select (timestamptz '2024-01-01 05:30+00')::ulid, 0, 'late' from generate_series(1, 3);
select is((:an_hour), 3603::bigint, 'and what came later');
drop index event_brin;

create index event_multi on event using brin (id ulid_minmax_multi_ops) with (pages_per_range = 8);
select matches(plan_of(:'an_hour'), 'Bitmap Index Scan on event_multi',
    'minmax_multi is used for a range of time');
select is((:an_hour), 3603::bigint, 'and finds all of it');
drop index event_multi;

create index event_bloom on event using brin (id ulid_bloom_ops (n_distinct_per_range = 600))
    with (pages_per_range = 8);
select matches(plan_of(:'one'), 'Bitmap Index Scan on event_bloom', 'bloom is used for one id');
select is((:one), 18000, 'and finds it');
select cmp_ok(pages_read(:'one'), '<', 100, 'and reads few pages');

select * from finish();
rollback;
