#include "pgclient/type_names.hpp"

#include <string_view>

namespace singularity::pgclient {

namespace {

struct Row {
    Oid type;
    Oid array;
    std::string_view name;
};

constexpr Row kTypes[] = {
    {oid::kBool, oid::kBoolArray, "boolean"},
    {oid::kBytea, oid::kByteaArray, "bytea"},
    {oid::kInt2, oid::kInt2Array, "smallint"},
    {oid::kInt4, oid::kInt4Array, "integer"},
    {oid::kInt8, oid::kInt8Array, "bigint"},
    {oid::kFloat4, oid::kFloat4Array, "real"},
    {oid::kFloat8, oid::kFloat8Array, "double precision"},
    {oid::kText, oid::kTextArray, "text"},
    {oid::kVarchar, oid::kVarcharArray, "character varying"},
    {oid::kBpchar, oid::kBpcharArray, "character"},
    {oid::kName, oid::kNameArray, "name"},
    {oid::kUuid, oid::kUuidArray, "uuid"},
    {oid::kTimestamptz, oid::kTimestamptzArray, "timestamp with time zone"},
    {oid::kJson, oid::kJsonArray, "json"},
    {oid::kJsonb, oid::kJsonbArray, "jsonb"},
    // Not decoded: for messages alone.
    {oid::kUnknown, 0, "unknown"},
    {18, 1002, "\"char\""},
    {26, 1028, "oid"},
    {28, 1011, "xid"},
    {1082, 1182, "date"},
    {1083, 1183, "time without time zone"},
    {1114, 1115, "timestamp without time zone"},
    {1186, 1187, "interval"},
    {1700, 1231, "numeric"},
    {2205, 2210, "regclass"},
    {2206, 2211, "regtype"},
    {2249, 2287, "record"},
    {2278, 0, "void"},
    {3220, 3221, "pg_lsn"},
    {5069, 271, "xid8"},
};

}  // namespace

std::string type_name(Oid type) {
    for (const Row& row : kTypes) {
        if (row.type == type) return std::string(row.name);
        if (row.array == type && type != 0) return std::string(row.name) + "[]";
    }
    return "type " + std::to_string(type);
}

Oid element_of(Oid array) {
    for (const Row& row : kTypes) {
        if (row.array == array && array != 0) return row.type;
    }
    return oid::kUnspecified;
}

}  // namespace singularity::pgclient
