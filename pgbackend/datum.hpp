// SQL values and C++ values: DatumOf<T> says which SQL type a T stands for and converts both ways.
//
// | SQL                | read as                      | also written from            |
// | boolean            | bool                         |                              |
// | int2, int4, int8   | std::int16_t, _32_t, _64_t   |                              |
// | oid                | Oid                          |                              |
// | float8             | double                       |                              |
// | text               | std::string_view             | std::string, const char*     |
// | bytea              | std::span<const std::byte>   |                              |
// | timestamptz        | TimePoint                    |                              |
// | interval           | std::chrono::microseconds    |                              |
// | jsonb              | Jsonb* (opaque)              |                              |
// | nullable           | std::optional<T>             |                              |
//
// array.hpp adds arrays. What is read points into the server's memory: it lives as long as the argument or
// the row does. What is written by reference is allocated in the context that is given.
#pragma once

#include "pgbackend/memory.hpp"

namespace singularity::pgbackend {

// Microseconds since 1970, UTC. The type's infinities are its least and greatest value.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

template <class T>
struct DatumOf;

// How values of an SQL type lie in an array, and its object id.
template <Oid id, int size, char align>
struct FixedLayout {
    static constexpr Oid oid = id;
    static constexpr int length = size;
    static constexpr bool by_value = true;
    static constexpr char alignment = align;
};
template <Oid id>
struct VarlenaLayout {
    static constexpr Oid oid = id;
    static constexpr int length = -1;
    static constexpr bool by_value = false;
    static constexpr char alignment = TYPALIGN_INT;
};

template <>
struct DatumOf<bool> : FixedLayout<BOOLOID, 1, TYPALIGN_CHAR> {
    static bool from(Datum datum) { return DatumGetBool(datum); }
    static Datum to(bool value, MemoryContext) { return BoolGetDatum(value); }
};
template <>
struct DatumOf<std::int16_t> : FixedLayout<INT2OID, 2, TYPALIGN_SHORT> {
    static std::int16_t from(Datum datum) { return DatumGetInt16(datum); }
    static Datum to(std::int16_t value, MemoryContext) { return Int16GetDatum(value); }
};
template <>
struct DatumOf<std::int32_t> : FixedLayout<INT4OID, 4, TYPALIGN_INT> {
    static std::int32_t from(Datum datum) { return DatumGetInt32(datum); }
    static Datum to(std::int32_t value, MemoryContext) { return Int32GetDatum(value); }
};
template <>
struct DatumOf<std::int64_t> : FixedLayout<INT8OID, 8, TYPALIGN_DOUBLE> {
    static std::int64_t from(Datum datum) { return DatumGetInt64(datum); }
    static Datum to(std::int64_t value, MemoryContext) { return Int64GetDatum(value); }
};
template <>
struct DatumOf<Oid> : FixedLayout<OIDOID, 4, TYPALIGN_INT> {
    static Oid from(Datum datum) { return DatumGetObjectId(datum); }
    static Datum to(Oid value, MemoryContext) { return ObjectIdGetDatum(value); }
};
template <>
struct DatumOf<double> : FixedLayout<FLOAT8OID, 8, TYPALIGN_DOUBLE> {
    static double from(Datum datum) { return DatumGetFloat8(datum); }
    static Datum to(double value, MemoryContext) { return Float8GetDatum(value); }
};
static_assert(USE_FLOAT8_BYVAL, "int8, float8 and timestamptz are passed by value");

template <>
struct DatumOf<TimePoint> : FixedLayout<TIMESTAMPTZOID, 8, TYPALIGN_DOUBLE> {
    static constexpr std::chrono::days kServerEpoch{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE};

    static TimePoint from(Datum datum) {
        const TimestampTz value = DatumGetTimestampTz(datum);
        if (TIMESTAMP_IS_NOBEGIN(value)) return TimePoint::min();
        if (TIMESTAMP_IS_NOEND(value)) return TimePoint::max();
        return TimePoint(std::chrono::microseconds(value) + kServerEpoch);
    }
    static Datum to(TimePoint value, MemoryContext) {
        if (value == TimePoint::min()) return TimestampTzGetDatum(DT_NOBEGIN);
        if (value == TimePoint::max()) return TimestampTzGetDatum(DT_NOEND);
        return TimestampTzGetDatum((value.time_since_epoch() - kServerEpoch).count());
    }
};

// A length of time without its calendar: months are 30 days, days 24 hours.
template <>
struct DatumOf<std::chrono::microseconds> {
    static constexpr Oid oid = INTERVALOID;
    static constexpr int length = sizeof(Interval);
    static constexpr bool by_value = false;
    static constexpr char alignment = TYPALIGN_DOUBLE;

    static std::chrono::microseconds from(Datum datum) {
        const Interval* value = DatumGetIntervalP(datum);
        const std::chrono::days days(std::int64_t{value->month} * DAYS_PER_MONTH + value->day);
        return std::chrono::microseconds(value->time) + days;
    }
    static Datum to(std::chrono::microseconds value, MemoryContext context) {
        const auto days = std::chrono::floor<std::chrono::days>(value);
        auto* interval = static_cast<Interval*>(allocate(sizeof(Interval), context));
        *interval = {.time = (value - days).count(), .day = static_cast<int32>(days.count()), .month = 0};
        return IntervalPGetDatum(interval);
    }
};

// The value with its header of one or four bytes, fetched and unpacked where it is stored otherwise.
inline varlena* packed_varlena(Datum datum) {
    auto* value = reinterpret_cast<varlena*>(DatumGetPointer(datum));
    if (VARATT_IS_COMPRESSED(value) || VARATT_IS_EXTERNAL(value)) [[unlikely]] {
        return call(pg_detoast_datum_packed, value);
    }
    return value;
}

// The same with a header of four bytes, aligned, as composite values need it.
inline varlena* plain_varlena(Datum datum) {
    auto* value = reinterpret_cast<varlena*>(DatumGetPointer(datum));
    return VARATT_IS_EXTENDED(value) ? call(pg_detoast_datum, value) : value;
}

// Throws 54000 for more than the server's 1 GB.
Datum make_varlena(const void* bytes, std::size_t size, MemoryContext context);

template <>
struct DatumOf<std::string_view> : VarlenaLayout<TEXTOID> {
    static std::string_view from(Datum datum) {
        const varlena* value = packed_varlena(datum);
        return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
    }
    static Datum to(std::string_view value, MemoryContext context) {
        return make_varlena(value.data(), value.size(), context);
    }
};
template <>
struct DatumOf<std::span<const std::byte>> : VarlenaLayout<BYTEAOID> {
    static std::span<const std::byte> from(Datum datum) {
        const varlena* value = packed_varlena(datum);
        return std::as_bytes(std::span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
    }
    static Datum to(std::span<const std::byte> value, MemoryContext context) {
        return make_varlena(value.data(), value.size(), context);
    }
};
template <>
struct DatumOf<Jsonb*> : VarlenaLayout<JSONBOID> {
    static Jsonb* from(Datum datum) { return reinterpret_cast<Jsonb*>(plain_varlena(datum)); }
    // Passed on as it is: it was allocated where the caller wants it.
    static Datum to(Jsonb* value, MemoryContext) { return JsonbPGetDatum(value); }
};

template <class T>
struct OptionalOf : std::false_type {
    using Value = T;
};
template <class T>
struct OptionalOf<std::optional<T>> : std::true_type {
    using Value = T;
};

// The type that has a DatumOf for what a T is written as: text from strings, itself otherwise.
template <class T>
using Written = std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string_view, T>;

template <class T>
constexpr Oid oid_of = DatumOf<Written<typename OptionalOf<T>::Value>>::oid;

// A value or a null, with what it refers to in `context`.
template <class T>
NullableDatum to_datum(const T& value, MemoryContext context) {
    if constexpr (OptionalOf<T>::value) {
        if (!value) return {.value = Datum{0}, .isnull = true};
        return to_datum(*value, context);
    } else {
        return {.value = DatumOf<Written<T>>::to(value, context), .isnull = false};
    }
}

[[noreturn]] void refuse_null(std::string_view what, int number);

// `what` and `number`, counted from 0, name the value where it is null but must not be.
template <class T>
T from_datum(NullableDatum datum, std::string_view what, int number) {
    if constexpr (OptionalOf<T>::value) {
        if (datum.isnull) return std::nullopt;
        return DatumOf<typename OptionalOf<T>::Value>::from(datum.value);
    } else {
        if (datum.isnull) [[unlikely]]
            refuse_null(what, number);
        return DatumOf<T>::from(datum.value);
    }
}

}  // namespace singularity::pgbackend
