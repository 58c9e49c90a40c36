-- Each type's values, nulls and arrays, there and back.
begin;
select plan(44);

select is(bridge.echo_boolean(true), true, 'true');
select is(bridge.echo_boolean(false), false, 'false');
select is(bridge.echo_int2((-32768)::int2), (-32768)::int2, 'the least int2');
select is(bridge.echo_int4(-2147483648), -2147483648, 'the least int4');
select is(bridge.echo_int8(-9223372036854775808), -9223372036854775808, 'the least int8');
select is(bridge.echo_oid(4294967295), 4294967295::oid, 'the greatest oid');
select is(bridge.echo_float8('-0.1'), '-0.1'::float8, 'a float8');
select is(bridge.echo_float8('NaN'), 'NaN'::float8, 'not a number');
select is(bridge.echo_text('äöü'), 'äöü', 'a text');
select is(bridge.echo_text(''), '', 'an empty text');
select is(bridge.echo_bytea('\x00ff00'), '\x00ff00'::bytea, 'bytes with zeros');
select is(bridge.echo_timestamptz('2026-02-28 12:34:56.789012+02'),
    '2026-02-28 12:34:56.789012+02'::timestamptz,
    'a time');
select is(bridge.echo_interval(length)::text, echoed, 'a length of time: ' || length)
from (values (interval '90 days 00:00:00.000001', '90 days 00:00:00.000001'), ('1 year 2 months', '420 days'),
    ('-1 hour', '-1 days +23:00:00'), ('36 hours', '1 day 12:00:00'), (null, null)) every (length, echoed);
select is(bridge.echo_timestamptz('infinity'), 'infinity'::timestamptz, 'the end of time');
select is(bridge.echo_timestamptz('-infinity'), '-infinity'::timestamptz, 'its begin');
select is(bridge.unix_microseconds('1970-01-01 00:00:01.5+00'), 1500000::bigint, 'times count from 1970');
select is(bridge.echo_jsonb('{"a": [1, null, "x"]}'), '{"a": [1, null, "x"]}'::jsonb, 'a jsonb');

select is(bridge.echo_boolean(null), null, 'a null boolean');
select is(bridge.echo_int8(null), null, 'a null int8');
select is(bridge.echo_text(null), null, 'a null text');
select is(bridge.echo_jsonb(null), null, 'a null jsonb');
select is(bridge.echo_timestamptz(null), null, 'a null time');
select throws_ok('select bridge.must_have_int8(null)', '22004', 'argument 1 must not be null',
    'a null that must not be is refused');

-- As they are stored: with short headers, compressed, out of line.
create temporary table stored (t text, b bytea, j jsonb, a bigint[]);
insert into stored values ('short', '\x01', '{"k": 1}', '{1,2}');
insert into stored
select repeat('long ', 100000), convert_to(string_agg(md5(n::text), ''), 'UTF8'),
    jsonb_object_agg(n, md5(n::text)), array_agg(n)
from generate_series(1::bigint, 5000) as n;
select ok(bool_and(bridge.echo_text(t) = t and bridge.echo_bytea(b) = b and bridge.echo_jsonb(j) = j
    and bridge.echo_int8_array(a) = a), 'stored values are read however they lie')
from stored;

select is(bridge.echo_int8_array('{1,-2,9223372036854775807}'), '{1,-2,9223372036854775807}'::int8[],
    'numbers');
select is(bridge.echo_int8_array('{}'), '{}'::int8[], 'no numbers');
select is(bridge.echo_int8_array(null), null, 'a null array');
select throws_ok($$ select bridge.echo_int8_array('{1,null}') $$, '22004', 'array must not contain nulls',
    'a null number is refused');
select throws_ok($$ select bridge.echo_int8_array('{{1,2},{3,4}}') $$, '2202E',
    'array must have one dimension',
    'a second dimension is refused');
select is(bridge.int8_array_of(3), '{1,2,3}'::int8[], 'a vector is an array');
select is(bridge.int8_array_of(0), '{}'::int8[], 'an empty one too');
select is(bridge.join_text('{a,null,"c d",""}'), 'a,-,c d,', 'elements may be null');
select is(bridge.join_text('{}'), '', 'there may be none');
select is(bridge.join_text(array_agg(n::text)), string_agg(n::text, ','), 'or many')
from generate_series(1, 1000) as n;

select lives_ok($$ select bridge.announce('it') $$, 'a notice does not end anything');
select is(bridge.settings_seen(), '3 true 0.5 none 1', 'settings begin with their defaults');
set local sg_bridge_test.depth = 9;
set local sg_bridge_test.eager = off;
set local sg_bridge_test.ratio = 0.25;
set local sg_bridge_test.label = 'ä';
set local sg_bridge_test.color = 'red';
select is(bridge.settings_seen(), '9 false 0.25 ä 0', 'and are seen as they are set');
select throws_ok('set local sg_bridge_test.depth = 10', '22023', null, 'within their bounds');
select throws_ok('set local sg_bridge_test.dept = 1', '42602', null, 'under their names alone');
select is(count(*), 5::bigint, 'each says what it is for')
from pg_catalog.pg_settings where name like 'sg\_bridge\_test.%' and short_desc <> '';

select * from finish();
rollback;
