// Order, equality and hashing of ulids, for operators, indexes, sorts and aggregates.
//
// Order is that of the bytes, taken as two big-endian numbers. A sort carries an abbreviated key of 64
// bits a ulid. Until the year 2109 the first six bits are zero; leaving five of them out makes room for
// five more bits below the millisecond, 21 in all, so that even ids made by the million leave few ties.
// Hence it is never worth giving up abbreviation half-way.
#include "extensions/sg_ulid/src/value.hpp"

static_assert(SIZEOF_DATUM == 8, "an abbreviated key is the first eight bytes of a ulid");

namespace singularity::sg_ulid {
namespace {

// 2^42 milliseconds, as the first half of a ulid.
constexpr std::uint64_t kYear2109 = std::uint64_t{1} << 58;

template <std::size_t offset>
std::uint64_t half(const algo::Ulid& ulid) {
    std::uint64_t value;
    std::memcpy(&value, ulid.bytes.data() + offset, sizeof value);
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    return value;
}

int compare(const algo::Ulid& left, const algo::Ulid& right) {
    const std::uint64_t a = half<0>(left), b = half<0>(right);
    if (a != b) return a < b ? -1 : 1;
    const std::uint64_t c = half<8>(left), d = half<8>(right);
    return c < d ? -1 : c > d;
}

int compare_arguments(FunctionCallInfo fcinfo) {
    return compare(ulid_argument(fcinfo, 0), ulid_argument(fcinfo, 1));
}

int compare_for_sort(Datum left, Datum right, SortSupport) {
    return compare(ulid_of(left), ulid_of(right));
}

Datum abbreviate(Datum original, SortSupport) {
    const algo::Ulid& ulid = ulid_of(original);
    const std::uint64_t first = half<0>(ulid);
    constexpr std::uint64_t kLate = std::uint64_t{1} << 63;
    if (first >= kYear2109) return UInt64GetDatum(kLate | first >> 1);
    return UInt64GetDatum(first << 5 | half<8>(ulid) >> 59);
}

bool never_give_up(int, SortSupport) {
    return false;
}

}  // namespace

SG_FUNCTION(sg_ulid_lt) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

SG_FUNCTION(sg_ulid_le) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

SG_FUNCTION(sg_ulid_eq) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) == 0);
}

SG_FUNCTION(sg_ulid_ge) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

SG_FUNCTION(sg_ulid_gt) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

SG_FUNCTION(sg_ulid_ne) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) != 0);
}

SG_FUNCTION(sg_ulid_cmp) {
    PG_RETURN_INT32(compare_arguments(fcinfo));
}

SG_FUNCTION(sg_ulid_smaller) {
    PG_RETURN_DATUM(compare_arguments(fcinfo) <= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));
}

SG_FUNCTION(sg_ulid_larger) {
    PG_RETURN_DATUM(compare_arguments(fcinfo) >= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));
}

SG_FUNCTION(sg_ulid_sortsupport) {
    auto* support = reinterpret_cast<SortSupport>(PG_GETARG_POINTER(0));
    support->comparator = compare_for_sort;
    support->ssup_extra = nullptr;
    if (support->abbreviate) {
        support->comparator = ssup_datum_unsigned_cmp;
        support->abbrev_converter = abbreviate;
        support->abbrev_abort = never_give_up;
        support->abbrev_full_comparator = compare_for_sort;
    }
    PG_RETURN_VOID();
}

SG_FUNCTION(sg_ulid_hash) {
    const algo::Ulid& ulid = ulid_argument(fcinfo, 0);
    return hash_any(ulid.bytes.data(), static_cast<int>(ulid.bytes.size()));
}

SG_FUNCTION(sg_ulid_hash_extended) {
    const algo::Ulid& ulid = ulid_argument(fcinfo, 0);
    return hash_any_extended(ulid.bytes.data(), static_cast<int>(ulid.bytes.size()),
                             static_cast<std::uint64_t>(PG_GETARG_INT64(1)));
}

}  // namespace singularity::sg_ulid
