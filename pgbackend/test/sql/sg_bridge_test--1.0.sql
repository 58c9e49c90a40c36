\echo Use "create extension sg_bridge_test" to load this file. \quit

-- Functions for the tests of the bridge: each is one line of C++, or few.

create table bridge.arrived (
    number      bigint not null,
    transaction xid8
);

create function bridge.echo_boolean(boolean) returns boolean
    as 'MODULE_PATHNAME', 'bridge_echo_boolean' language c volatile parallel unsafe;
create function bridge.echo_int2(int2) returns int2
    as 'MODULE_PATHNAME', 'bridge_echo_int2' language c volatile parallel unsafe;
create function bridge.echo_int4(int4) returns int4
    as 'MODULE_PATHNAME', 'bridge_echo_int4' language c volatile parallel unsafe;
create function bridge.echo_int8(int8) returns int8
    as 'MODULE_PATHNAME', 'bridge_echo_int8' language c volatile parallel unsafe;
create function bridge.echo_oid(oid) returns oid
    as 'MODULE_PATHNAME', 'bridge_echo_oid' language c volatile parallel unsafe;
create function bridge.echo_float8(float8) returns float8
    as 'MODULE_PATHNAME', 'bridge_echo_float8' language c volatile parallel unsafe;
create function bridge.echo_text(text) returns text
    as 'MODULE_PATHNAME', 'bridge_echo_text' language c volatile parallel unsafe;
create function bridge.echo_bytea(bytea) returns bytea
    as 'MODULE_PATHNAME', 'bridge_echo_bytea' language c volatile parallel unsafe;
create function bridge.echo_timestamptz(timestamptz) returns timestamptz
    as 'MODULE_PATHNAME', 'bridge_echo_timestamptz' language c volatile parallel unsafe;
create function bridge.echo_jsonb(jsonb) returns jsonb
    as 'MODULE_PATHNAME', 'bridge_echo_jsonb' language c volatile parallel unsafe;
create function bridge.echo_int8_array(int8[]) returns int8[]
    as 'MODULE_PATHNAME', 'bridge_echo_int8_array' language c volatile parallel unsafe;
create function bridge.must_have_int8(int8) returns int8
    as 'MODULE_PATHNAME', 'bridge_must_have_int8' language c volatile parallel unsafe;
create function bridge.echo_interval(interval) returns interval
    as 'MODULE_PATHNAME', 'bridge_echo_interval' language c volatile parallel unsafe;
create function bridge.unix_microseconds(timestamptz) returns int8
    as 'MODULE_PATHNAME', 'bridge_unix_microseconds' language c volatile parallel unsafe;
create function bridge.join_text(text[]) returns text
    as 'MODULE_PATHNAME', 'bridge_join_text' language c volatile parallel unsafe;
create function bridge.int8_array_of(int4) returns int8[]
    as 'MODULE_PATHNAME', 'bridge_int8_array_of' language c volatile parallel unsafe;
create function bridge.fail(sqlstate text, message text, detail text, hint text) returns void
    as 'MODULE_PATHNAME', 'bridge_fail' language c volatile parallel unsafe;
create function bridge.fail_at_length() returns void
    as 'MODULE_PATHNAME', 'bridge_fail_at_length' language c volatile parallel unsafe;
create function bridge.throw_something(kind text) returns void
    as 'MODULE_PATHNAME', 'bridge_throw_something' language c volatile parallel unsafe;
create function bridge.live_objects() returns int4
    as 'MODULE_PATHNAME', 'bridge_live_objects' language c volatile parallel unsafe;
create function bridge.handles_exception() returns boolean
    as 'MODULE_PATHNAME', 'bridge_handles_exception' language c volatile parallel unsafe;
create function bridge.execute(sql text) returns int8
    as 'MODULE_PATHNAME', 'bridge_execute' language c volatile parallel unsafe;
create function bridge.attempt(sql text) returns text
    as 'MODULE_PATHNAME', 'bridge_attempt' language c volatile parallel unsafe;
create function bridge.attempt_and_fail(sql text) returns void
    as 'MODULE_PATHNAME', 'bridge_attempt_and_fail' language c volatile parallel unsafe;
create function bridge.drop_error(sql text) returns boolean
    as 'MODULE_PATHNAME', 'bridge_drop_error' language c volatile parallel unsafe;
create function bridge.spin() returns void
    as 'MODULE_PATHNAME', 'bridge_spin' language c volatile parallel unsafe;
create function bridge.announce(what text) returns void
    as 'MODULE_PATHNAME', 'bridge_announce' language c volatile parallel unsafe;
create function bridge.read_beyond(int4) returns int4
    as 'MODULE_PATHNAME', 'bridge_read_beyond' language c volatile parallel unsafe;
create function bridge.shift(int4) returns int4
    as 'MODULE_PATHNAME', 'bridge_shift' language c volatile parallel unsafe;
create function bridge.make_live(fails boolean) returns int4
    as 'MODULE_PATHNAME', 'bridge_make_live' language c volatile parallel unsafe;
create function bridge.sum_in_context(upto int8) returns int8
    as 'MODULE_PATHNAME', 'bridge_sum_in_context' language c volatile parallel unsafe;
create function bridge.text_from_scope(length int4) returns text
    as 'MODULE_PATHNAME', 'bridge_text_from_scope' language c volatile parallel unsafe;
create function bridge.series(upto int8) returns setof int8
    as 'MODULE_PATHNAME', 'bridge_series' language c volatile parallel unsafe;
create function bridge.pairs(upto int8) returns table (id int8, name text)
    as 'MODULE_PATHNAME', 'bridge_pairs' language c volatile parallel unsafe;
create function bridge.mistyped() returns table (id int8, name text)
    as 'MODULE_PATHNAME', 'bridge_mistyped' language c volatile parallel unsafe;
create function bridge.find_numbers(upto int8, prefix text) returns table (id int8, name text)
    as 'MODULE_PATHNAME', 'bridge_find_numbers' language c volatile parallel unsafe;
create function bridge.first_bigint(sql text) returns int8
    as 'MODULE_PATHNAME', 'bridge_first_bigint' language c volatile parallel unsafe;
create function bridge.concatenate(text) returns text
    as 'MODULE_PATHNAME', 'bridge_concatenate' language c volatile parallel unsafe;
create function bridge.write_note(text) returns void
    as 'MODULE_PATHNAME', 'bridge_write_note' language c volatile parallel unsafe;
create function bridge.read_note() returns text
    as 'MODULE_PATHNAME', 'bridge_read_note' language c volatile parallel unsafe;
create function bridge.lock_name() returns text
    as 'MODULE_PATHNAME', 'bridge_lock_name' language c volatile parallel unsafe;
create function bridge.fail_under_lock() returns void
    as 'MODULE_PATHNAME', 'bridge_fail_under_lock' language c volatile parallel unsafe;
create function bridge.attempt_under_lock() returns int8
    as 'MODULE_PATHNAME', 'bridge_attempt_under_lock' language c volatile parallel unsafe;
create function bridge.interrupts_held() returns int4
    as 'MODULE_PATHNAME', 'bridge_interrupts_held' language c volatile parallel unsafe;
create function bridge.start_ticker() returns int4
    as 'MODULE_PATHNAME', 'bridge_start_ticker' language c volatile parallel unsafe;
create function bridge.ticks() returns int8
    as 'MODULE_PATHNAME', 'bridge_ticks' language c volatile parallel unsafe;
create function bridge.depth_of_ticker() returns int4
    as 'MODULE_PATHNAME', 'bridge_depth_of_ticker' language c volatile parallel unsafe;
create function bridge.make_ticker_fail() returns void
    as 'MODULE_PATHNAME', 'bridge_make_ticker_fail' language c volatile parallel unsafe;
create function bridge.settings_seen() returns text
    as 'MODULE_PATHNAME', 'bridge_settings_seen' language c volatile parallel unsafe;
create procedure bridge.insert_one_by_one(rows int4)
    as 'MODULE_PATHNAME', 'bridge_insert_one_by_one' language c;
