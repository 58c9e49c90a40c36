#include "pgclient/sql_split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string_view> split(std::string_view sql) {
    return split_statements(sql).value();
}

TEST(SplitStatements, at_semicolons_without_what_is_empty) {
    EXPECT_THAT(split("select 1; select 2 ;;\n select 3"), ElementsAre("select 1", "select 2", "select 3"));
    EXPECT_THAT(split(" ; -- nothing\n /* here */ ;"), IsEmpty());
}

TEST(SplitStatements, not_in_strings_names_and_comments) {
    EXPECT_THAT(split("select ';', \"a;b\", 'it''s;' -- ;\n, 2; x"),
                ElementsAre("select ';', \"a;b\", 'it''s;' -- ;\n, 2", "x"));
    EXPECT_THAT(split("a /* ; /* ; */ ; */ b; c"), ElementsAre("a /* ; /* ; */ ; */ b", "c"));
}

TEST(SplitStatements, backslashes_escape_in_e_strings_alone) {
    EXPECT_THAT(split(R"(select E'\';'; b)"), ElementsAre(R"(select E'\';')", "b"));
    EXPECT_THAT(split(R"(select '\'; b)"), ElementsAre(R"(select '\')", "b"));
    EXPECT_THAT(split(R"(select type'\'; b)"), ElementsAre(R"(select type'\')", "b"));
}

TEST(SplitStatements, not_in_dollar_quotes) {
    EXPECT_THAT(split("do $$ a; b $$; do $x$ $$; $y$; $x$; c"),
                ElementsAre("do $$ a; b $$", "do $x$ $$; $y$; $x$", "c"));
    EXPECT_THAT(split("select $1; select a$b$c; d"), ElementsAre("select $1", "select a$b$c", "d"));
}

TEST(SplitStatements, not_in_parentheses_and_atomic_bodies) {
    EXPECT_THAT(split("create rule r as on insert to t do (select 1; select 2); b"),
                ElementsAre("create rule r as on insert to t do (select 1; select 2)", "b"));
    const std::string_view function =
        "create function f() returns int begin atomic select case when true then 1 end; select 2; end";
    EXPECT_THAT(split(std::string(function) + "; b"), ElementsAre(function, "b"));
}

TEST(SplitStatements, what_is_not_closed_is_refused_with_its_line) {
    for (const char* open : {"a;\n'b", "a;\n\"b", "a;\n$$ b", "a;\n/* /* b */", "a;\n$t$ b $$", "a;\n/*/"}) {
        const auto result = split_statements(open);
        ASSERT_FALSE(result) << open;
        EXPECT_EQ(result.error().message, "a quote or comment that begins in line 2 isn't closed") << open;
    }
}

}  // namespace
}  // namespace singularity::pgclient
