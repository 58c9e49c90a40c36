// How values cross the wire: PostgreSQL's binary formats for the C++ types that parameters and columns
// may have. Everything else is cast in SQL (count(*)::integer, price::float8, kind::text).
//
//   C++                            parameter is declared as   column may be
//   bool                           boolean                    boolean
//   std::int16_t, int32_t, int64_t smallint, integer, bigint  that, or a narrower integer
//   float, double                  real, double precision     that; double also reads real
//   std::string (and views, "…")   what the statement infers  text, varchar, char(n), name, json
//   Bytes, span<const std::byte>   bytea                      bytea
//   Uuid                           uuid                       uuid
//   algo::Ulid                     what the statement infers  ulid, uuid, text
//   Timestamp                      timestamptz                timestamptz
//   boost::json::value             jsonb                      jsonb, json
//   std::vector<T>, of the above   the array type             the array type, one dimension
//   std::optional<T>               as T                       as T, or NULL
//
// A string takes the type that its place in the statement has (an enum, a date, ulid …); where that is
// ambiguous, write $1::text. A NULL that meets a T which isn't optional is an error, never a default.
#pragma once

#include "pgclient/type_names.hpp"
#include "pgclient/types.hpp"
#include "pgclient/wire_format.hpp"

#include <boost/json/value.hpp>

#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace singularity::pgclient {

// Specialised for each type of the table; the primary template marks a type as not a value.
//   kOid, kArrayOid      what a parameter (an array of them) is declared as
//   kName                the expected column type, for error messages
//   reads(type)          whether a column of `type` decodes to T
//   encode(value, out)   appends the binary form, without a length
//   decode(type, bytes)  throws BadValue
template <class T>
struct Codec {};

template <class T>
concept Value = requires { Codec<T>::kName; };

template <class T, Oid kType, Oid kArrayType>
struct IntegerCodec {
    static constexpr Oid kOid = kType;
    static constexpr Oid kArrayOid = kArrayType;
    static constexpr std::string_view kName = sizeof(T) == 2   ? "smallint"
                                              : sizeof(T) == 4 ? "integer"
                                                               : "bigint";
    static constexpr bool reads(Oid type) {
        return type == oid::kInt2 || (type == oid::kInt4 && sizeof(T) >= 4) ||
               (type == oid::kInt8 && sizeof(T) >= 8);
    }
    static void encode(T value, Buffer& out) { append_integer(out, value); }
    static T decode(Oid, std::span<const std::byte> bytes) {
        switch (bytes.size()) {
            case 2: return read_integer<std::int16_t>(bytes);
            case 4:
                if constexpr (sizeof(T) >= 4) return read_integer<std::int32_t>(bytes);
                break;
            case 8:
                if constexpr (sizeof(T) >= 8) return read_integer<std::int64_t>(bytes);
                break;
        }
        throw BadValue(std::string(kName) + " of " + std::to_string(bytes.size()) + " bytes");
    }
};
template <>
struct Codec<std::int16_t> : IntegerCodec<std::int16_t, oid::kInt2, oid::kInt2Array> {};
template <>
struct Codec<std::int32_t> : IntegerCodec<std::int32_t, oid::kInt4, oid::kInt4Array> {};
template <>
struct Codec<std::int64_t> : IntegerCodec<std::int64_t, oid::kInt8, oid::kInt8Array> {};

template <>
struct Codec<bool> {
    static constexpr Oid kOid = oid::kBool;
    static constexpr Oid kArrayOid = oid::kBoolArray;
    static constexpr std::string_view kName = "boolean";
    static constexpr bool reads(Oid type) { return type == oid::kBool; }
    static void encode(bool value, Buffer& out) { out.push_back(std::byte{value}); }
    static bool decode(Oid, std::span<const std::byte> bytes) {
        return expect_size(bytes, 1)[0] != std::byte{0};
    }
};

template <>
struct Codec<float> {
    static constexpr Oid kOid = oid::kFloat4;
    static constexpr Oid kArrayOid = oid::kFloat4Array;
    static constexpr std::string_view kName = "real";
    static constexpr bool reads(Oid type) { return type == oid::kFloat4; }
    static void encode(float value, Buffer& out) { append_integer(out, std::bit_cast<std::int32_t>(value)); }
    static float decode(Oid, std::span<const std::byte> bytes) {
        return std::bit_cast<float>(read_integer<std::int32_t>(bytes));
    }
};

template <>
struct Codec<double> {
    static constexpr Oid kOid = oid::kFloat8;
    static constexpr Oid kArrayOid = oid::kFloat8Array;
    static constexpr std::string_view kName = "double precision";
    static constexpr bool reads(Oid type) { return type == oid::kFloat8 || type == oid::kFloat4; }
    static void encode(double value, Buffer& out) { append_integer(out, std::bit_cast<std::int64_t>(value)); }
    static double decode(Oid type, std::span<const std::byte> bytes) {
        if (type == oid::kFloat4) return Codec<float>::decode(type, bytes);
        return std::bit_cast<double>(read_integer<std::int64_t>(bytes));
    }
};

template <>
struct Codec<std::string> {
    static constexpr Oid kOid = oid::kUnspecified;
    static constexpr Oid kArrayOid = oid::kTextArray;
    static constexpr std::string_view kName = "text";
    static constexpr bool reads(Oid type) { return is_text(type); }
    static void encode(std::string_view value, Buffer& out) { append_text(out, value); }
    static std::string decode(Oid, std::span<const std::byte> bytes) { return std::string(as_text(bytes)); }
};

template <>
struct Codec<Bytes> {
    static constexpr Oid kOid = oid::kBytea;
    static constexpr Oid kArrayOid = oid::kByteaArray;
    static constexpr std::string_view kName = "bytea";
    static constexpr bool reads(Oid type) { return type == oid::kBytea; }
    static void encode(std::span<const std::byte> value, Buffer& out) { append_bytes(out, value); }
    static Bytes decode(Oid, std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }
};

template <>
struct Codec<Uuid> {
    static constexpr Oid kOid = oid::kUuid;
    static constexpr Oid kArrayOid = oid::kUuidArray;
    static constexpr std::string_view kName = "uuid";
    static constexpr bool reads(Oid type) { return type == oid::kUuid; }
    static void encode(const Uuid& value, Buffer& out) {
        append_bytes(out, std::as_bytes(std::span(value.bytes)));
    }
    static Uuid decode(Oid, std::span<const std::byte> bytes);
};

template <>
struct Codec<Timestamp> {
    static constexpr Oid kOid = oid::kTimestamptz;
    static constexpr Oid kArrayOid = oid::kTimestamptzArray;
    static constexpr std::string_view kName = "timestamp with time zone";
    static constexpr bool reads(Oid type) { return type == oid::kTimestamptz; }
    static void encode(Timestamp value, Buffer& out);
    static Timestamp decode(Oid, std::span<const std::byte> bytes);
};

template <>
struct Codec<boost::json::value> {
    static constexpr Oid kOid = oid::kJsonb;
    static constexpr Oid kArrayOid = oid::kJsonbArray;
    static constexpr std::string_view kName = "jsonb";
    static constexpr bool reads(Oid type) { return type == oid::kJsonb || type == oid::kJson; }
    static void encode(const boost::json::value& value, Buffer& out);
    static boost::json::value decode(Oid type, std::span<const std::byte> bytes);
};

}  // namespace singularity::pgclient
