#include "analysis/snippet.hpp"
#include "core/format.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace singularity::analysis {
namespace {

TEST(Snippet, takes_whole_lines_without_their_common_indentation) {
    const std::string_view text = "def f():\n    with a:\n        b()  \n\n    c()\n";
    const std::size_t begin = text.find("with"), end = text.find("b()") + 3;
    EXPECT_EQ(snippet(text, begin, end), "with a:\n    b()\n");
    EXPECT_EQ(snippet(text, begin, text.size()), "with a:\n    b()\n\nc()\n");
    EXPECT_EQ(snippet(text, 0, 3), "def f():\n");
}

TEST(Snippet, ends_at_a_line_s_end_where_a_limit_is_met) {
    std::string many, wide;
    for (int i = 0; i < 100; ++i) many += core::format("line {}\n", i);
    for (int i = 0; i < 30; ++i) wide += std::string(200, 'w') + "\n";
    const std::string first = snippet(many, 0, many.size()), second = snippet(wide, 0, wide.size());
    EXPECT_EQ(std::ranges::count(first, '\n'), static_cast<std::ptrdiff_t>(kSnippetLines));
    EXPECT_TRUE(first.ends_with("line 39\n"));
    EXPECT_LE(second.size(), kSnippetBytes);
    EXPECT_EQ(second.size() % 201, 0U);
}

TEST(Snippet, cuts_one_endless_line_between_characters) {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "\xE2\x82\xAC";
    const std::string cut = snippet(text, 0, text.size());
    EXPECT_LE(cut.size(), kSnippetBytes);
    EXPECT_EQ((cut.size() - 1) % 3, 0U);
}

TEST(Snippet, survives_the_ends_of_the_text) {
    EXPECT_EQ(snippet("", 0, 0), "");
    EXPECT_EQ(snippet("no newline", 3, 10), "no newline\n");
    EXPECT_EQ(snippet("short", 99, 200), "short\n");
}

}  // namespace
}  // namespace singularity::analysis
