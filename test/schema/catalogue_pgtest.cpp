#include "catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.hpp"

namespace singularity::schema::test {
namespace {

using testing::IsEmpty;

class Catalogue : public testing::TestWithParam<std::string_view> {};

TEST_P(Catalogue, every_schema_table_view_and_function_says_what_it_is) {
    Database database(GetParam());
    EXPECT_THAT(objects_without_comment(database), IsEmpty());
}

TEST_P(Catalogue, every_function_pins_its_search_path) {
    Database database(GetParam());
    EXPECT_THAT(functions_without_search_path(database), IsEmpty());
}

TEST_P(Catalogue, security_definer_functions_are_not_for_everybody) {
    Database database(GetParam());
    EXPECT_THAT(database.column(
                    "select oid::regprocedure from pg_proc p where prosecdef and exists (select from"
                    " aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0)"
                    " and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"),
                IsEmpty());
}

TEST_P(Catalogue, foreign_keys_have_an_index_to_follow) {
    Database database(GetParam());
    EXPECT_THAT(
        database.column("select conname from pg_constraint c where contype = 'f' and not exists (select from"
                        " pg_index i where i.indrelid = c.conrelid and (i.indkey::smallint[])"
                        "[0:cardinality(c.conkey) - 1] @> c.conkey)"),
        IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Databases, Catalogue, testing::ValuesIn(parts().begin(), parts().end()),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace singularity::schema::test
