// The built-in types this library meets, by their OIDs (pg_type.dat; fixed for all releases).
#pragma once

#include "pgclient/types.hpp"

#include <string>

namespace singularity::pgclient {

namespace oid {
inline constexpr Oid kUnspecified = 0;  // the server infers a parameter's type from where it stands
inline constexpr Oid kBool = 16, kBoolArray = 1000;
inline constexpr Oid kBytea = 17, kByteaArray = 1001;
inline constexpr Oid kInt2 = 21, kInt2Array = 1005;
inline constexpr Oid kInt4 = 23, kInt4Array = 1007;
inline constexpr Oid kInt8 = 20, kInt8Array = 1016;
inline constexpr Oid kFloat4 = 700, kFloat4Array = 1021;
inline constexpr Oid kFloat8 = 701, kFloat8Array = 1022;
inline constexpr Oid kText = 25, kTextArray = 1009;
inline constexpr Oid kVarchar = 1043, kVarcharArray = 1015;
inline constexpr Oid kBpchar = 1042, kBpcharArray = 1014;
inline constexpr Oid kName = 19, kNameArray = 1003;
inline constexpr Oid kUnknown = 705;
inline constexpr Oid kUuid = 2950, kUuidArray = 2951;
inline constexpr Oid kTimestamptz = 1184, kTimestamptzArray = 1185;
inline constexpr Oid kJson = 114, kJsonArray = 199;
inline constexpr Oid kJsonb = 3802, kJsonbArray = 3807;
inline constexpr Oid kFirstUserDefined = 16384;  // types of extensions and of users have no fixed OID
}  // namespace oid

// As SQL writes it: "bigint", "text[]"; for a type that isn't in the table "type 16402".
std::string type_name(Oid type);

// The element type of an array type in the table above; kUnspecified for anything else.
Oid element_of(Oid array);

constexpr bool is_user_defined(Oid type) {
    return type >= oid::kFirstUserDefined;
}

// text and what is sent exactly like it.
constexpr bool is_text(Oid type) {
    return type == oid::kText || type == oid::kVarchar || type == oid::kBpchar || type == oid::kName ||
           type == oid::kUnknown || type == oid::kJson;
}

}  // namespace singularity::pgclient
