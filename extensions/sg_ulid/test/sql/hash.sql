-- Hashing: joins, grouping, hash indexes and hash partitions.
begin;
select plan(8);

create table sample as select gen_ulid() as id from generate_series(1, 5000);
insert into sample select id from sample limit 1000;
analyze sample;

select is(ulid_hash(id), uuid_hash(id::uuid), 'hashes as uuid does') from sample limit 1;
select is(ulid_hash_extended(id, 42), uuid_hash_extended(id::uuid, 42),
    'with a seed too') from sample limit 1;

set local enable_mergejoin = off;
set local enable_nestloop = off;
set local enable_sort = off;
select is((select count(*) from sample as a join sample as b using (id)), 8000::bigint, 'joins by hash');
select is((select count(*) from (select id from sample group by id having count(*) = 2) as twice),
    1000::bigint, 'groups by hash');
reset enable_mergejoin;
reset enable_nestloop;
reset enable_sort;

create index sample_hash on sample using hash (id);
set local enable_seqscan = off;
select is((select count(*) from sample as s where s.id = (select id from sample order by id limit 1)),
    (select count(*) from sample as s where s.id::uuid = (select id::uuid from sample order by id limit 1)),
    'finds by a hash index');
reset enable_seqscan;

create table parted (id ulid) partition by hash (id);
create table parted_0 partition of parted for values with (modulus 3, remainder 0);
create table parted_1 partition of parted for values with (modulus 3, remainder 1);
create table parted_2 partition of parted for values with (modulus 3, remainder 2);
insert into parted select id from sample;
select is((select count(*) from parted), 6000::bigint, 'keeps all rows over hash partitions');
select ok((select min(n) from (select count(*) as n from parted group by tableoid) as sizes) > 1500,
    'spreads over hash partitions');

create table daily (id ulid) partition by range (id);
create table daily_1 partition of daily
    for values from ((timestamptz '2023-03-10 00:00+00')::ulid)
        to ((timestamptz '2023-03-11 00:00+00')::ulid);
insert into daily values ('01GV5PA9EQG7D82Q3Y4PKBZSYV');
select is((select tableoid::regclass::text from daily), 'daily_1', 'goes to its range partition');

select * from finish();
rollback;
