-- The type ulid: sixteen bytes, ordered by the time they were made; its generators, casts and
-- operator classes. Names of functions are pgx_ulid's where it has them (docs/ulid.md).
--
-- Functions in C look up no names, so they need no search_path of their own.

\echo Use "create extension sg_ulid" to load this file. \quit

-- The type ---------------------------------------------------------------------------------------

create type ulid;

create function ulid_in(cstring) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_in' language c immutable strict parallel safe;
create function ulid_out(ulid) returns cstring
    as 'MODULE_PATHNAME', 'sg_ulid_out' language c immutable strict parallel safe;
create function ulid_recv(internal) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_recv' language c immutable strict parallel safe;
create function ulid_send(ulid) returns bytea
    as 'MODULE_PATHNAME', 'sg_ulid_send' language c immutable strict parallel safe;

create type ulid (
    input = ulid_in,
    output = ulid_out,
    receive = ulid_recv,
    send = ulid_send,
    internallength = 16,
    alignment = char,
    storage = plain
);

create function ulid_parse_lenient(text) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_parse_lenient' language c immutable strict parallel safe;

comment on type ulid is
    'identifier of 16 bytes that sorts by the time it was made, written as 26 digits of Base 32';
comment on function ulid_in(cstring) is 'I/O';
comment on function ulid_out(ulid) is 'I/O';
comment on function ulid_recv(internal) is 'I/O';
comment on function ulid_send(ulid) is 'I/O';
comment on function ulid_parse_lenient(text) is
    'ulid as a person typed it: I and L are read as 1, O as 0, hyphens are skipped';

-- Generators -------------------------------------------------------------------------------------

create function gen_ulid() returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_gen' language c volatile strict parallel safe;
create function gen_monotonic_ulid() returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_gen_monotonic' language c volatile strict parallel safe;
create function gen_ulids_support(internal) returns internal
    as 'MODULE_PATHNAME', 'sg_ulid_gen_many_support' language c immutable strict parallel safe;
create function gen_ulids(n bigint) returns setof ulid
    as 'MODULE_PATHNAME', 'sg_ulid_gen_many' language c volatile strict parallel safe
    rows 1000 support gen_ulids_support;
create function monotonic_ulid_ahead() returns interval
    as 'MODULE_PATHNAME', 'sg_ulid_monotonic_ahead' language c volatile strict parallel safe;
create function monotonic_ulid_advance(past ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_monotonic_advance' language c volatile strict parallel safe;

-- The sequence is one for all databases of the server.
revoke execute on function monotonic_ulid_advance(ulid) from public;

comment on function gen_ulid() is
    'new ulid: the clock''s millisecond and 80 random bits; unordered within a millisecond';
comment on function gen_monotonic_ulid() is
    'new ulid, greater than all that it or gen_ulids() returned before, in any session of any database';
comment on function gen_ulids(bigint) is
    'n new ulids in increasing order, from the sequence of gen_monotonic_ulid()';
comment on function gen_ulids_support(internal) is 'planner support for gen_ulids()';
comment on function monotonic_ulid_ahead() is
    'how far the last monotonic ulid is ahead of the clock; above 10 ms means that the clock stepped back';
comment on function monotonic_ulid_advance(ulid) is
    'makes every later monotonic ulid greater than the given one; false when they were already';

-- Order and equality -----------------------------------------------------------------------------

create function ulid_lt(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_lt' language c immutable strict leakproof parallel safe;
create function ulid_le(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_le' language c immutable strict leakproof parallel safe;
create function ulid_eq(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_eq' language c immutable strict leakproof parallel safe;
create function ulid_ge(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_ge' language c immutable strict leakproof parallel safe;
create function ulid_gt(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_gt' language c immutable strict leakproof parallel safe;
create function ulid_ne(ulid, ulid) returns boolean
    as 'MODULE_PATHNAME', 'sg_ulid_ne' language c immutable strict leakproof parallel safe;
create function ulid_cmp(ulid, ulid) returns integer
    as 'MODULE_PATHNAME', 'sg_ulid_cmp' language c immutable strict leakproof parallel safe;
create function ulid_sortsupport(internal) returns void
    as 'MODULE_PATHNAME', 'sg_ulid_sortsupport' language c immutable strict parallel safe;
create function ulid_hash(ulid) returns integer
    as 'MODULE_PATHNAME', 'sg_ulid_hash' language c immutable strict leakproof parallel safe;
create function ulid_hash_extended(ulid, bigint) returns bigint
    as 'MODULE_PATHNAME', 'sg_ulid_hash_extended' language c immutable strict leakproof parallel safe;

comment on function ulid_lt(ulid, ulid) is 'implementation of < operator';
comment on function ulid_le(ulid, ulid) is 'implementation of <= operator';
comment on function ulid_eq(ulid, ulid) is 'implementation of = operator';
comment on function ulid_ge(ulid, ulid) is 'implementation of >= operator';
comment on function ulid_gt(ulid, ulid) is 'implementation of > operator';
comment on function ulid_ne(ulid, ulid) is 'implementation of <> operator';
comment on function ulid_cmp(ulid, ulid) is 'less-equal-greater';
comment on function ulid_sortsupport(internal) is 'sort support';
comment on function ulid_hash(ulid) is 'hash';
comment on function ulid_hash_extended(ulid, bigint) is 'hash';

create operator < (
    leftarg = ulid, rightarg = ulid, function = ulid_lt,
    commutator = >, negator = >=, restrict = scalarltsel, join = scalarltjoinsel
);
create operator <= (
    leftarg = ulid, rightarg = ulid, function = ulid_le,
    commutator = >=, negator = >, restrict = scalarlesel, join = scalarlejoinsel
);
create operator = (
    leftarg = ulid, rightarg = ulid, function = ulid_eq,
    commutator = =, negator = <>, restrict = eqsel, join = eqjoinsel, hashes, merges
);
create operator >= (
    leftarg = ulid, rightarg = ulid, function = ulid_ge,
    commutator = <=, negator = <, restrict = scalargesel, join = scalargejoinsel
);
create operator > (
    leftarg = ulid, rightarg = ulid, function = ulid_gt,
    commutator = <, negator = <=, restrict = scalargtsel, join = scalargtjoinsel
);
create operator <> (
    leftarg = ulid, rightarg = ulid, function = ulid_ne,
    commutator = <>, negator = =, restrict = neqsel, join = neqjoinsel
);

comment on operator < (ulid, ulid) is 'less than';
comment on operator <= (ulid, ulid) is 'less than or equal';
comment on operator = (ulid, ulid) is 'equal';
comment on operator >= (ulid, ulid) is 'greater than or equal';
comment on operator > (ulid, ulid) is 'greater than';
comment on operator <> (ulid, ulid) is 'not equal';

create operator class ulid_ops default for type ulid using btree as
    operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
    function 1 ulid_cmp(ulid, ulid),
    function 2 ulid_sortsupport(internal),
    function 4 btequalimage(oid);

create operator class ulid_ops default for type ulid using hash as
    operator 1 =,
    function 1 ulid_hash(ulid),
    function 2 ulid_hash_extended(ulid, bigint);

comment on operator class ulid_ops using btree is 'btree by bytes, which is by time';
comment on operator class ulid_ops using hash is 'hash of the sixteen bytes';
comment on operator family ulid_ops using btree is 'btree by bytes, which is by time';
comment on operator family ulid_ops using hash is 'hash of the sixteen bytes';

-- BRIN: ids that arrive in order make small ranges, so minmax is the default. ----------------------

create operator class ulid_minmax_ops default for type ulid using brin as
    operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
    function 1 brin_minmax_opcinfo(internal),
    function 2 brin_minmax_add_value(internal, internal, internal, internal),
    function 3 brin_minmax_consistent(internal, internal, internal),
    function 4 brin_minmax_union(internal, internal, internal);

-- uuid's distance reads sixteen bytes, which is what a ulid is.
create operator class ulid_minmax_multi_ops for type ulid using brin as
    operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
    function 1 brin_minmax_multi_opcinfo(internal),
    function 2 brin_minmax_multi_add_value(internal, internal, internal, internal),
    function 3 brin_minmax_multi_consistent(internal, internal, internal, integer),
    function 4 brin_minmax_multi_union(internal, internal, internal),
    function 5 brin_minmax_multi_options(internal),
    function 11 (ulid, ulid) brin_minmax_multi_distance_uuid(internal, internal);

create operator class ulid_bloom_ops for type ulid using brin as
    operator 1 =,
    function 1 brin_bloom_opcinfo(internal),
    function 2 brin_bloom_add_value(internal, internal, internal, internal),
    function 3 brin_bloom_consistent(internal, internal, internal, integer),
    function 4 brin_bloom_union(internal, internal, internal),
    function 5 brin_bloom_options(internal),
    function 11 (ulid, ulid) ulid_hash(ulid);

comment on operator class ulid_minmax_ops using brin is 'lowest and highest ulid of a range of pages';
comment on operator class ulid_minmax_multi_ops using brin is
    'several intervals a range of pages, for ids that arrive out of order';
comment on operator class ulid_bloom_ops using brin is 'bloom filter a range of pages, for = alone';
comment on operator family ulid_minmax_ops using brin is 'lowest and highest ulid of a range of pages';
comment on operator family ulid_minmax_multi_ops using brin is
    'several intervals a range of pages, for ids that arrive out of order';
comment on operator family ulid_bloom_ops using brin is 'bloom filter a range of pages, for = alone';

-- Aggregates -------------------------------------------------------------------------------------

create function ulid_smaller(ulid, ulid) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_smaller' language c immutable strict parallel safe;
create function ulid_larger(ulid, ulid) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_larger' language c immutable strict parallel safe;

create aggregate min(ulid) (
    sfunc = ulid_smaller, stype = ulid, combinefunc = ulid_smaller, sortop = <, parallel = safe
);
create aggregate max(ulid) (
    sfunc = ulid_larger, stype = ulid, combinefunc = ulid_larger, sortop = >, parallel = safe
);

comment on function ulid_smaller(ulid, ulid) is 'smaller of two';
comment on function ulid_larger(ulid, ulid) is 'larger of two';
comment on aggregate min(ulid) is 'earliest of all input values';
comment on aggregate max(ulid) is 'latest of all input values';

-- Casts ------------------------------------------------------------------------------------------
-- None is implicit: comparing a ulid with a time or a uuid is asked for in so many words. A ulid may be
-- assigned to a column of the other types; from a time or bytes it is made only explicitly, because a
-- time has no randomness to give and not all bytes are sixteen.

create function ulid_to_timestamptz(ulid) returns timestamptz
    as 'MODULE_PATHNAME', 'sg_ulid_to_time' language c immutable strict parallel safe;
create function ulid_to_timestamp(ulid) returns timestamp
    as 'MODULE_PATHNAME', 'sg_ulid_to_time' language c immutable strict parallel safe;
create function ulid_timestamp_ms(ulid) returns bigint
    as 'MODULE_PATHNAME', 'sg_ulid_timestamp_ms' language c immutable strict parallel safe;
create function timestamptz_to_ulid(timestamptz) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_from_time' language c immutable strict parallel safe;
create function timestamp_to_ulid(timestamp) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_from_time' language c immutable strict parallel safe;
create function ulid_to_bytea(ulid) returns bytea
    as 'MODULE_PATHNAME', 'sg_ulid_to_bytea' language c immutable strict parallel safe;
create function ulid_from_bytea(bytea) returns ulid
    as 'MODULE_PATHNAME', 'sg_ulid_from_bytea' language c immutable strict parallel safe;

create cast (ulid as uuid) without function as assignment;
create cast (uuid as ulid) without function as assignment;
create cast (ulid as timestamptz) with function ulid_to_timestamptz(ulid) as assignment;
create cast (ulid as timestamp) with function ulid_to_timestamp(ulid) as assignment;
create cast (ulid as bytea) with function ulid_to_bytea(ulid) as assignment;
create cast (timestamptz as ulid) with function timestamptz_to_ulid(timestamptz);
create cast (timestamp as ulid) with function timestamp_to_ulid(timestamp);
create cast (bytea as ulid) with function ulid_from_bytea(bytea);

create function ulid_to_uuid(ulid) returns uuid
    language sql immutable strict parallel safe
    return $1::uuid;
create function ulid_from_uuid(uuid) returns ulid
    language sql immutable strict parallel safe
    return $1::ulid;

comment on function ulid_to_timestamptz(ulid) is 'time that the ulid was made, to the millisecond';
comment on function ulid_to_timestamp(ulid) is 'time that the ulid was made, in UTC';
comment on function ulid_timestamp_ms(ulid) is 'time that the ulid was made, in milliseconds since 1970';
comment on function timestamptz_to_ulid(timestamptz) is
    'lowest ulid of that millisecond: where a range of time begins';
comment on function timestamp_to_ulid(timestamp) is
    'lowest ulid of that millisecond, the time being taken as UTC';
comment on function ulid_to_bytea(ulid) is 'the sixteen bytes';
comment on function ulid_from_bytea(bytea) is 'ulid of sixteen bytes';
comment on function ulid_to_uuid(ulid) is 'the same sixteen bytes as a uuid';
comment on function ulid_from_uuid(uuid) is 'the same sixteen bytes as a ulid';
comment on cast (ulid as uuid) is 'the same sixteen bytes';
comment on cast (uuid as ulid) is 'the same sixteen bytes';
comment on cast (ulid as timestamptz) is 'time that the ulid was made';
comment on cast (ulid as timestamp) is 'time that the ulid was made, in UTC';
comment on cast (ulid as bytea) is 'the sixteen bytes';
comment on cast (timestamptz as ulid) is 'lowest ulid of that millisecond';
comment on cast (timestamp as ulid) is 'lowest ulid of that millisecond, the time being taken as UTC';
comment on cast (bytea as ulid) is 'ulid of sixteen bytes';
