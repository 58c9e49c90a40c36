// Arrays of SQL: int8[] without nulls as a span of its numbers, any other as Elements.
//
// Both have one dimension (or none: the empty array).
#pragma once

#include "pgbackend/datum.hpp"

namespace singularity::pgbackend {

// An array's elements, each of which may be null. Lives in the memory context that was current.
template <class T>
class Elements {
public:
    Elements(std::span<const Datum> values, const bool* nulls) noexcept : values_(values), nulls_(nulls) {}

    std::size_t size() const noexcept { return values_.size(); }
    bool empty() const noexcept { return values_.empty(); }
    std::optional<T> operator[](std::size_t index) const {
        if (nulls_[index]) return std::nullopt;
        return DatumOf<T>::from(values_[index]);
    }

private:
    std::span<const Datum> values_;
    const bool* nulls_;
};

// The array behind `datum`. Throws where it has several dimensions (2202E) or elements of another type.
ArrayType* array_with(Datum datum, Oid element);

[[noreturn]] void refuse_null_element();

template <class T>
struct DatumOf<Elements<T>> {
    static Elements<T> from(Datum datum) {
        using Element = DatumOf<T>;
        ArrayType* array = array_with(datum, Element::oid);
        Datum* values = nullptr;
        bool* nulls = nullptr;
        int count = 0;
        call(deconstruct_array, array, Element::oid, Element::length, Element::by_value, Element::alignment,
             &values, &nulls, &count);
        return {std::span<const Datum>(values, static_cast<std::size_t>(count)), nulls};
    }
};

template <>
struct DatumOf<std::span<const std::int64_t>> {
    static constexpr Oid oid = INT8ARRAYOID;

    static std::span<const std::int64_t> from(Datum datum) {
        ArrayType* array = array_with(datum, INT8OID);
        if (ARR_NDIM(array) == 0) return {};
        if (array_contains_nulls(array)) refuse_null_element();
        return {reinterpret_cast<const std::int64_t*>(ARR_DATA_PTR(array)),
                static_cast<std::size_t>(ARR_DIMS(array)[0])};
    }
    static Datum to(std::span<const std::int64_t> values, MemoryContext context);
};
template <>
struct DatumOf<std::vector<std::int64_t>> : DatumOf<std::span<const std::int64_t>> {};

}  // namespace singularity::pgbackend
