#include "analysis/walk/ignore_pattern.hpp"

#include <gtest/gtest.h>

#include "analysis/walk/ignore_rules.hpp"

namespace singularity::analysis {
namespace {

bool matches(std::string_view line, std::string_view path, bool is_folder = false) {
    const auto pattern = IgnorePattern::parse(line);
    return pattern && pattern->matches(path, is_folder);
}

TEST(IgnorePattern, without_a_slash_matches_the_name_at_every_depth) {
    EXPECT_TRUE(matches("*.o", "a.o"));
    EXPECT_TRUE(matches("*.o", "src/deep/a.o"));
    EXPECT_FALSE(matches("*.o", "a.oo"));
    EXPECT_TRUE(matches("build", "src/build", true));
}

TEST(IgnorePattern, with_a_slash_is_anchored) {
    EXPECT_TRUE(matches("/todo.txt", "todo.txt"));
    EXPECT_FALSE(matches("/todo.txt", "src/todo.txt"));
    EXPECT_TRUE(matches("src/*.o", "src/a.o"));
    EXPECT_FALSE(matches("src/*.o", "src/deep/a.o"));
    EXPECT_FALSE(matches("src/*.o", "lib/src/a.o"));
}

TEST(IgnorePattern, with_a_slash_at_the_end_matches_folders_only) {
    EXPECT_TRUE(matches("out/", "out", true));
    EXPECT_TRUE(matches("out/", "src/out", true));
    EXPECT_FALSE(matches("out/", "out", false));
}

TEST(IgnorePattern, takes_two_stars_between_slashes_for_any_number_of_folders) {
    EXPECT_TRUE(matches("**/gen", "gen"));
    EXPECT_TRUE(matches("**/gen", "a/b/gen"));
    EXPECT_TRUE(matches("a/**/b", "a/b"));
    EXPECT_TRUE(matches("a/**/b", "a/x/y/b"));
    EXPECT_FALSE(matches("a/**/b", "a/xb"));
    EXPECT_TRUE(matches("a/**", "a/x/y"));
    EXPECT_FALSE(matches("a/**", "a", true));
    EXPECT_TRUE(matches("x**y/z", "xay/z"));
    EXPECT_FALSE(matches("x**y/z", "xa/by/z"));
}

TEST(IgnorePattern, reads_sets_ranges_classes_and_escapes) {
    EXPECT_TRUE(matches("[a-c].x", "b.x"));
    EXPECT_FALSE(matches("[!a-c].x", "b.x"));
    EXPECT_TRUE(matches("[^a-c].x", "d.x"));
    EXPECT_TRUE(matches("[]-].x", "].x"));
    EXPECT_TRUE(matches("v[[:digit:]]", "v7"));
    EXPECT_FALSE(matches("a[/]b", "a/b"));
    EXPECT_TRUE(matches("\\#note", "#note"));
    EXPECT_TRUE(matches("\\!keep", "!keep"));
    EXPECT_TRUE(matches("wh?t\\*", "what*"));
}

TEST(IgnorePattern, drops_trailing_spaces_unless_they_are_escaped) {
    EXPECT_TRUE(matches("name  ", "name"));
    EXPECT_TRUE(matches("name\\ ", "name "));
    EXPECT_TRUE(matches("name\r", "name"));
}

TEST(IgnorePattern, is_nothing_for_blank_lines_comments_and_what_cannot_match) {
    EXPECT_FALSE(IgnorePattern::parse(""));
    EXPECT_FALSE(IgnorePattern::parse("   "));
    EXPECT_FALSE(IgnorePattern::parse("# comment"));
    EXPECT_FALSE(IgnorePattern::parse("/"));
    EXPECT_FALSE(IgnorePattern::parse("a[bc"));
    EXPECT_FALSE(IgnorePattern::parse("ends\\"));
}

TEST(IgnorePattern, takes_no_exponential_time) {
    EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(4000, 'a')));
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "a/";
    EXPECT_FALSE(matches("**/a/**/a/**/a/**/a/**/b", deep + "c"));
}

TEST(IgnoreRules, let_the_last_pattern_of_the_innermost_file_decide) {
    auto rules = IgnoreRules::add(nullptr, "", "*.log\n!keep.log\n/gen\n");
    EXPECT_TRUE(IgnoreRules::ignores(rules, "a.log", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "src/keep.log", false));
    rules = IgnoreRules::add(rules, "src", "keep.log\n!a.log\n");
    EXPECT_TRUE(IgnoreRules::ignores(rules, "src/keep.log", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "src/a.log", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "src/gen", true));
}

TEST(IgnoreRules, of_a_folder_hold_inside_of_it_only) {
    const auto rules = IgnoreRules::add(nullptr, "src", "/*.tmp\n");
    EXPECT_TRUE(IgnoreRules::ignores(rules, "src/a.tmp", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "a.tmp", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "src/deep/a.tmp", false));
    EXPECT_FALSE(IgnoreRules::ignores(rules, "srcs/a.tmp", false));
}

TEST(IgnoreRules, skip_a_byte_order_mark) {
    const auto rules = IgnoreRules::add(nullptr, "", "\xEF\xBB\xBF*.tmp\r\n");
    EXPECT_TRUE(IgnoreRules::ignores(rules, "a.tmp", false));
}

}  // namespace
}  // namespace singularity::analysis
