// A `ulid` as the server passes it: a pointer to its sixteen bytes, without alignment.
#pragma once

#include "extensions/sg_ulid/src/postgres.hpp"

namespace singularity::sg_ulid {

static_assert(sizeof(algo::Ulid) == 16 && alignof(algo::Ulid) == 1, "create type says 16 and char");

inline const algo::Ulid& ulid_of(Datum datum) {
    return *reinterpret_cast<const algo::Ulid*>(DatumGetPointer(datum));
}

inline const algo::Ulid& ulid_argument(FunctionCallInfo fcinfo, int number) {
    return ulid_of(PG_GETARG_DATUM(number));
}

// A copy in the current memory context.
inline Datum ulid_result(const algo::Ulid& ulid) {
    auto* copy = static_cast<algo::Ulid*>(palloc(sizeof(algo::Ulid)));
    *copy = ulid;
    return PointerGetDatum(copy);
}

}  // namespace singularity::sg_ulid
