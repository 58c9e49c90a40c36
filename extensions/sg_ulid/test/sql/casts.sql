-- Casts: the same bytes as uuid and bytea, the time that an id was made, the lowest id of a time.
begin;
select plan(34);

create temporary table known as
    select '01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid as id, '0186cb65-25d7-81da-815c-7e25a6bfe7db'::uuid as uuid;

select is(id::uuid, uuid, 'is the uuid of the same bytes') from known;
select is(uuid::ulid, id, 'and back') from known;
select is(ulid_to_uuid(id), uuid, 'by function too') from known;
select is(ulid_from_uuid(uuid), id, 'and back by function') from known;
select is(id::bytea, '\x0186cb6525d781da815c7e25a6bfe7db', 'is its bytes') from known;
select is(ulid_to_bytea(id)::ulid, id, 'and back from bytes') from known;
select is(ulid_send(id), id::bytea, 'sends its bytes') from known;
select throws_ok($$ select '\x00'::bytea::ulid $$, '22P03', null, 'refuses fewer than sixteen bytes');
select throws_ok($$ select ('\x' || repeat('00', 17))::bytea::ulid $$, '22P03', null,
    'refuses more than sixteen bytes');

select is(id::timestamptz, '2023-03-10 12:00:49.111+00', 'tells the time it was made') from known;
select is(ulid_to_timestamptz(id), '2023-03-10 12:00:49.111+00', 'by function too') from known;
select is(ulid_timestamp_ms(id), 1678449649111, 'in milliseconds since 1970') from known;
set local timezone = 'Asia/Tokyo';
select is(id::timestamp, '2023-03-10 12:00:49.111',
    'in UTC without time zone, wherever the session is') from known;
select is(timestamp '2023-03-10 12:00:49.111'::ulid, timestamptz '2023-03-10 12:00:49.111+00'::ulid,
    'reads a time without zone as UTC, wherever the session is');
set local timezone = 'UTC';

select is((timestamptz '2023-03-10 12:00:49.111+00')::ulid::text, '01GV5PA9EQ0000000000000000',
    'makes the lowest id of a millisecond');
select is((timestamptz '2023-03-10 12:00:49.111999+00')::ulid::text, '01GV5PA9EQ0000000000000000',
    'drops what is below a millisecond');
select is((timestamptz '1970-01-01 00:00:00+00')::ulid::text, '00000000000000000000000000', 'begins at 1970');
select is((timestamptz '1999-12-31 23:59:59.999999+00')::ulid::timestamptz, '1999-12-31 23:59:59.999+00',
    'rounds down before the server''s epoch too');
select is((timestamptz '10889-08-02 05:31:50.655999+00')::ulid::text, '7ZZZZZZZZZ0000000000000000',
    'ends in 10889');
select is('7ZZZZZZZZZZZZZZZZZZZZZZZZZ'::ulid::timestamptz, '10889-08-02 05:31:50.655+00',
    'tells the last time');
select throws_ok($$ select (timestamptz '1969-12-31 23:59:59.999999+00')::ulid $$, '22008',
    'timestamp out of range for type ulid', 'refuses a time before 1970');
select throws_ok($$ select (timestamptz '10889-08-02 05:31:50.656+00')::ulid $$, '22008', null,
    'refuses a time past the last');
select throws_ok($$ select (timestamptz 'infinity')::ulid $$, '22008', null, 'refuses infinity');
select throws_ok($$ select (timestamptz '-infinity')::ulid $$, '22008', null, 'refuses minus infinity');
select throws_ok($$ select (timestamp '1969-12-31')::ulid $$, '22008', null,
    'refuses a time before 1970 without zone');

create temporary table assigned (u uuid, b bytea, t timestamptz, x text, i ulid);
select lives_ok($$ insert into assigned (u, b, t, x) select id, id, id, id from known $$,
    'is assigned to columns of the other types');
select lives_ok($$ insert into assigned (i) select uuid from known $$, 'and from uuid');
select throws_ok($$ insert into assigned (i) values (now()) $$, '42804', null,
    'is not made of a time unasked');
select throws_ok($$ insert into assigned (i) values ('\x00'::bytea) $$, '42804', null,
    'is not made of bytes unasked');
select throws_ok($$ select gen_ulid() < now() $$, '42883', null, 'is not compared with a time unasked');
select throws_ok($$ select gen_ulid() = gen_random_uuid() $$, '42883', null,
    'is not compared with a uuid unasked');

create temporary table event (
    id ulid not null,
    made timestamptz generated always as (id::timestamptz) stored,
    made_utc timestamp generated always as (ulid_to_timestamp(id)) stored
);
insert into event (id) select id from known;
select is(made, '2023-03-10 12:00:49.111+00', 'serves a generated column') from event;
select is(made_utc, '2023-03-10 12:00:49.111', 'without time zone too') from event;
select is(count(*), 1::bigint, 'finds a range of time')
from event
where id >= (timestamptz '2023-03-10 12:00+00')::ulid and id < (timestamptz '2023-03-10 12:01+00')::ulid;

select * from finish();
rollback;
