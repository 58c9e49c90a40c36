#include "pgbackend/datum.hpp"

#include "pgbackend/format.hpp"

namespace singularity::pgbackend {

Datum make_varlena(const void* bytes, std::size_t size, MemoryContext context) {
    if (size > MaxAllocSize - VARHDRSZ) {
        throw Failure(
            ERRCODE_PROGRAM_LIMIT_EXCEEDED, "value is too long",
            pgbackend::format("It has {} bytes; a value has at most {}.", size, MaxAllocSize - VARHDRSZ));
    }
    auto* value = static_cast<varlena*>(allocate(size + VARHDRSZ, context));
    SET_VARSIZE(value, size + VARHDRSZ);
    if (size > 0) std::memcpy(VARDATA(value), bytes, size);
    return PointerGetDatum(value);
}

void refuse_null(std::string_view what, int number) {
    throw Failure(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                  pgbackend::format("{} {} must not be null", what, number + 1));
}

}  // namespace singularity::pgbackend
