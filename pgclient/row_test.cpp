#include "pgclient/row.hpp"

#include <gtest/gtest.h>

#include <libpq-fe.h>

namespace singularity::pgclient {
namespace {

constexpr Query kQuery{"agents", "select id, name from agents"};

struct Agent {
    std::int64_t id;
    std::optional<std::string> name;
};

struct Column {
    const char* name;
    Oid type;
};

// A result as the server would describe it, without rows.
Result described(std::initializer_list<Column> columns) {
    PGresult* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
    std::vector<PGresAttDesc> attributes;
    for (const Column& column : columns) {
        attributes.push_back({const_cast<char*>(column.name), 0, 0, 1, column.type, -1, -1});
    }
    PQsetResultAttrs(result, static_cast<int>(attributes.size()), attributes.data());
    return Result(result);
}

template <class Row>
std::string refusal(const Result& result) {
    try {
        check_columns(kQuery, kRowShape<Row>, result);
    } catch (const DbError& error) {
        EXPECT_EQ(error.sqlstate(), kTypeMismatch);
        EXPECT_EQ(error.query(), "agents");
        return error.message();
    }
    return "";
}

TEST(Row, members_are_matched_by_place_name_and_type) {
    EXPECT_EQ(refusal<Agent>(described({{"id", oid::kInt8}, {"name", oid::kText}})), "");
    EXPECT_EQ(refusal<Agent>(described({{"id", oid::kInt4}, {"name", oid::kVarchar}})), "")
        << "narrower, alike";
}

TEST(Row, a_wrong_number_of_columns_is_named_with_the_columns) {
    EXPECT_EQ(refusal<Agent>(described({{"id", oid::kInt8}})),
              "the row type has 2 members, the result 1 columns: id");
}

TEST(Row, a_wrong_name_is_named_with_its_place) {
    EXPECT_EQ(refusal<Agent>(described({{"id", oid::kInt8}, {"title", oid::kText}})),
              "column 2 is \"title\", the row type's member is \"name\"");
}

TEST(Row, a_wrong_type_is_named_as_sql_writes_it) {
    EXPECT_EQ(refusal<Agent>(described({{"id", 1700}, {"name", oid::kText}})),
              "column \"id\" is numeric, the row type reads bigint");
    EXPECT_EQ(refusal<Agent>(described({{"id", oid::kInt8}, {"name", 16500}})),
              "column \"name\" is type 16500, the row type reads text");
    EXPECT_EQ(refusal<std::vector<bool>>(described({{"flags", oid::kBool}})),
              "column \"flags\" is boolean, the row type reads boolean[]");
}

TEST(Row, a_single_value_needs_no_name) {
    EXPECT_EQ(refusal<std::string>(described({{"whatever", oid::kText}})), "");
    EXPECT_EQ(refusal<std::optional<std::string>>(described({{"whatever", oid::kText}})), "");
}

}  // namespace
}  // namespace singularity::pgclient
