// A ulid from and to a time, and from and to bytea.
//
// A time becomes the lowest ulid of its millisecond, so that a range of time is a range of ulids.
// `timestamp` without time zone is taken as UTC: a conversion that looked at the session's TimeZone
// could not be immutable. (uuid needs nothing here: its bytes are a ulid's.)
#include "extensions/sg_ulid/src/value.hpp"

namespace singularity::sg_ulid {
namespace {

// From 1970-01-01 to 2000-01-01, where the server's timestamps count from.
constexpr std::int64_t kEpochMicroseconds =
    std::int64_t{(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)} * USECS_PER_DAY;
constexpr std::int64_t kEpochMilliseconds = kEpochMicroseconds / 1000;

// Both kinds of timestamp are microseconds since 2000; every ulid's time fits into them.
Datum time_of(const algo::Ulid& ulid) {
    return Int64GetDatum((static_cast<std::int64_t>(ulid.milliseconds()) - kEpochMilliseconds) * 1000);
}

Datum lowest_ulid_at(std::int64_t time) {
    constexpr std::int64_t kFirst = -kEpochMicroseconds;
    constexpr std::int64_t kEnd =
        (static_cast<std::int64_t>(algo::kUlidMaxMilliseconds) + 1 - kEpochMilliseconds) * 1000;
    if (time < kFirst || time >= kEnd) {
        ereport(ERROR,
                (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
                 errmsg("timestamp out of range for type %s", "ulid"),
                 errdetail("A ULID holds times from 1970-01-01 00:00:00 to 10889-08-02 05:31:50.655 UTC.")));
    }
    return ulid_result(algo::Ulid::lowest_of(static_cast<std::uint64_t>((time - kFirst) / 1000)));
}

}  // namespace

SG_FUNCTION(sg_ulid_to_time) {
    return time_of(ulid_argument(fcinfo, 0));
}

SG_FUNCTION(sg_ulid_from_time) {
    return lowest_ulid_at(PG_GETARG_INT64(0));
}

SG_FUNCTION(sg_ulid_timestamp_ms) {
    PG_RETURN_INT64(static_cast<std::int64_t>(ulid_argument(fcinfo, 0).milliseconds()));
}

SG_FUNCTION(sg_ulid_to_bytea) {
    const algo::Ulid& ulid = ulid_argument(fcinfo, 0);
    auto* result = static_cast<bytea*>(palloc(VARHDRSZ + ulid.bytes.size()));
    SET_VARSIZE(result, VARHDRSZ + ulid.bytes.size());
    std::memcpy(VARDATA(result), ulid.bytes.data(), ulid.bytes.size());
    PG_RETURN_BYTEA_P(result);
}

SG_FUNCTION(sg_ulid_from_bytea) {
    const bytea* value = PG_GETARG_BYTEA_PP(0);
    algo::Ulid ulid;
    if (VARSIZE_ANY_EXHDR(value) != ulid.bytes.size()) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("invalid binary representation of type %s", "ulid"),
                        errdetail("A ULID has %zu bytes, this has %zu.", ulid.bytes.size(),
                                  static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value)))));
    }
    std::memcpy(ulid.bytes.data(), VARDATA_ANY(value), ulid.bytes.size());
    return ulid_result(ulid);
}

}  // namespace singularity::sg_ulid
