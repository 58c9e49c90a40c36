// ULIDs, whose type belongs to an extension and has no fixed OID. A parameter takes the type of its place
// in the statement; a column may be ulid or uuid, which share their sixteen bytes, or text.
#pragma once

#include "algo/ulid.hpp"
#include "pgclient/codec.hpp"
#include "pgclient/codec_array.hpp"

#include <vector>

namespace singularity::pgclient {

template <>
struct Codec<algo::Ulid> {
    static constexpr Oid kOid = oid::kUnspecified;
    static constexpr Oid kArrayOid = oid::kUnspecified;
    static constexpr std::string_view kName = "ulid";
    static constexpr bool reads(Oid type) {
        return is_user_defined(type) || type == oid::kUuid || type == oid::kText;
    }
    static void encode(const algo::Ulid& value, Buffer& out) {
        append_bytes(out, std::as_bytes(std::span(value.bytes)));
    }
    static algo::Ulid decode(Oid type, std::span<const std::byte> bytes);
};

// As a parameter: the elements' bytes one after the other. parameters.hpp gives them their final form.
template <>
struct Codec<std::vector<algo::Ulid>> {
    static constexpr Oid kOid = oid::kUnspecified;
    static constexpr std::string_view kName = "ulid";
    static constexpr bool kIsArray = true;
    static bool reads(Oid type);
    static void encode(const std::vector<algo::Ulid>& values, Buffer& out);
    static std::vector<algo::Ulid> decode(Oid type, std::span<const std::byte> bytes);
};

}  // namespace singularity::pgclient
