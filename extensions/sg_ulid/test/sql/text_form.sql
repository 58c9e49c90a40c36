-- The text form: what is read, what is written, what is refused and how.
begin;
select plan(23);

select is('01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid::text, '01GV5PA9EQG7D82Q3Y4PKBZSYV', 'writes what it read');
select is('01gv5pa9eqg7d82q3y4pkbzsyv'::ulid::text, '01GV5PA9EQG7D82Q3Y4PKBZSYV',
    'reads lower case, writes upper case');
select is('7ZZZZZZZZZZZZZZZZZZZZZZZZZ'::ulid::bytea, '\xffffffffffffffffffffffffffffffff',
    'reads the largest');
select is('00000000000000000000000000'::ulid::bytea, '\x00000000000000000000000000000000',
    'reads the smallest');

select throws_ok($$ select '8ZZZZZZZZZZZZZZZZZZZZZZZZZ'::ulid $$, '22003',
    'value "8ZZZZZZZZZZZZZZZZZZZZZZZZZ" is out of range for type ulid', 'refuses more than 128 bits');
select throws_ok($$ select 'Z0000000000000000000000000'::ulid $$, '22003', null,
    'refuses every first digit above 7');
select throws_ok($$ select ''::ulid $$, '22P02', 'invalid input syntax for type ulid: ""',
    'refuses the empty string');
select throws_ok($$ select '01GV5PA9EQG7D82Q3Y4PKBZSY'::ulid $$, '22P02', null, 'refuses 25 characters');
select throws_ok($$ select '01GV5PA9EQG7D82Q3Y4PKBZSYVV'::ulid $$, '22P02', null, 'refuses 27 characters');
select throws_ok($$ select ' 01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid $$, '22P02', null,
    'refuses white space around');
select throws_ok($$ select '0186cb65-25d7-81da-815c-7e25a6bfe7db'::ulid $$, '22P02', null,
    'refuses a uuid in text');

select is(count(*), 0::bigint, 'refuses I, L, O and U in either case at every position')
from generate_series(1, 26) as position, regexp_split_to_table('ILOUilou', '') as letter
where pg_input_is_valid(overlay('01GV5PA9EQG7D82Q3Y4PKBZSYV' placing letter from position), 'ulid');

select is(detail, 'A ULID has 26 characters, this has 5.', 'says how long it is')
from pg_input_error_info('hello', 'ulid');
select is(detail, 'A ULID has 26 characters, this has 4.', 'counts characters, not bytes')
from pg_input_error_info('über', 'ulid');
select is(detail, 'Character "U" at position 3 is not a digit of Crockford''s Base 32.',
    'says which character, and where')
from pg_input_error_info('01UV5PA9EQG7D82Q3Y4PKBZSYV', 'ulid');
select is(detail, 'Character "ß" at position 3 is not a digit of Crockford''s Base 32.',
    'names a character of several bytes whole')
from pg_input_error_info('01ß5PA9EQG7D82Q3Y4PKBZSYV', 'ulid');
select is(hint, 'Function ulid_parse_lenient() reads I and L as 1 and O as 0.',
    'tells a person who confused letters what to do')
from pg_input_error_info('0IGV5PA9EQG7D82Q3Y4PKBZSYV', 'ulid');
select is(sql_error_code, '22003', 'is a soft error out of range too')
from pg_input_error_info('8ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'ulid');

select is(ulid_parse_lenient('oIGV5PA9EQ-G7D82Q3Y-4PKBZSYV'), '01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid,
    'leniently reads O, I and hyphens');
select is(ulid_parse_lenient('0lgv5pa9eqg7d82q3y4pkbzsyv'), '01GV5PA9EQG7D82Q3Y4PKBZSYV'::ulid,
    'leniently reads l');
select throws_ok($$ select ulid_parse_lenient('01UV5PA9EQG7D82Q3Y4PKBZSYV') $$, '22P02', null,
    'refuses U even so');
select throws_ok($$ select ulid_parse_lenient('8-0000000000000000000000000') $$, '22003', null,
    'refuses more than 128 bits even so');
select throws_ok($$ select ulid_parse_lenient(repeat('-', 1000000)) $$, '22P02', null,
    'refuses nothing but hyphens');

select * from finish();
rollback;
