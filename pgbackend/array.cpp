#include "pgbackend/array.hpp"

#include "pgbackend/format.hpp"

namespace singularity::pgbackend {

ArrayType* array_with(Datum datum, Oid element) {
    auto* array = reinterpret_cast<ArrayType*>(plain_varlena(datum));
    if (ARR_ELEMTYPE(array) != element) {
        throw Failure(
            ERRCODE_DATATYPE_MISMATCH,
            pgbackend::format("array has elements of type {} instead of {}", ARR_ELEMTYPE(array), element));
    }
    if (ARR_NDIM(array) > 1) {
        throw Failure(ERRCODE_ARRAY_SUBSCRIPT_ERROR, "array must have one dimension",
                      pgbackend::format("It has {}.", ARR_NDIM(array)));
    }
    return array;
}

void refuse_null_element() {
    throw Failure(ERRCODE_NULL_VALUE_NOT_ALLOWED, "array must not contain nulls");
}

Datum DatumOf<std::span<const std::int64_t>>::to(std::span<const std::int64_t> values,
                                                 MemoryContext context) {
    if (values.size() > MaxArraySize) {
        throw Failure(ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                      pgbackend::format("array of {} elements is too long", values.size()));
    }
    static_assert(sizeof(Datum) == sizeof(std::int64_t) && DatumOf<std::int64_t>::by_value);
    auto* datums = reinterpret_cast<Datum*>(const_cast<std::int64_t*>(values.data()));
    const MemoryScope scope(context);
    return PointerGetDatum(call(construct_array, datums, static_cast<int>(values.size()), Oid{INT8OID},
                                int{sizeof(std::int64_t)}, true, char{TYPALIGN_DOUBLE}));
}

}  // namespace singularity::pgbackend
