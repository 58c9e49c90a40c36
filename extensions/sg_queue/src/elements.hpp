// The elements of an array argument of however many dimensions, as unnest would give them.
#pragma once

#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

template <class T>
pg::Elements<T> all_elements(const pg::FunctionCall& fn, int argument) {
    using Element = pg::DatumOf<T>;
    Datum* values = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    pg::call([&, datum = fn.info()->args[argument].value] {
        deconstruct_array(DatumGetArrayTypeP(datum), Element::oid, Element::length, Element::by_value,
                          Element::alignment, &values, &nulls, &count);
    });
    return {std::span<const Datum>(values, static_cast<std::size_t>(count)), nulls};
}

}  // namespace singularity::queue
