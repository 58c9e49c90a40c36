#include "cli/job_text.hpp"

#include <gtest/gtest.h>

#include "cli/job_draft.hpp"

namespace singularity::cli {
namespace {

TEST(Tame, lines_and_letters_stay_and_orders_to_the_terminal_do_not) {
    EXPECT_EQ(tame("é\tone\ntwo"), "é\tone\ntwo");
    EXPECT_EQ(tame("\x1b[31m\a\r\x7f"), "\uFFFD[31m\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(tame("\u009b31m"), "\uFFFD31m");
    EXPECT_EQ(tame("a\xff"), "a\uFFFD");
}

TEST(Draft, the_ending_tells_the_language_or_the_first_line) {
    const auto languages = services::genesis::all_languages("/nowhere");
    EXPECT_EQ(language_of("a.py", "", languages), "python");
    EXPECT_EQ(language_of("a/b.tar.js", "", languages), "javascript");
    EXPECT_EQ(language_of("script", "#!/usr/bin/env -S python3.13 -u\n", languages), "python");
    EXPECT_EQ(language_of("script", "#!/bin/sh\n", languages), "bash");
    EXPECT_EQ(language_of("script", "#!/usr/bin/env node", languages), "javascript");
    EXPECT_EQ(language_of("script", "#!", languages), "");
    EXPECT_EQ(language_of("script", "print(1)", languages), "");
}

TEST(Draft, a_file_has_a_name_there_and_a_path_here) {
    EXPECT_EQ(name_and_path("a=b=c"), std::pair(std::string("a"), std::string("b=c")));
    EXPECT_EQ(name_and_path("a"), std::pair(std::string("a"), std::string("a")));
}

}  // namespace
}  // namespace singularity::cli
