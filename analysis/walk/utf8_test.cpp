#include "analysis/walk/utf8.hpp"

#include <gtest/gtest.h>

namespace singularity::analysis {
namespace {

TEST(Utf8, accepts_every_length_of_character) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain text that is longer than eight bytes"));
    EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F"));
    EXPECT_TRUE(is_utf8("\xE2\x82\xAC and \xF0\x9F\x8C\x8D after eight"));
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, refuses_what_the_standard_refuses) {
    EXPECT_FALSE(is_utf8("caf\xE9"));            // Latin-1
    EXPECT_FALSE(is_utf8("\xC0\xAF"));           // overlong
    EXPECT_FALSE(is_utf8("\xE0\x80\x80"));       // overlong
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));       // surrogate
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));   // beyond U+10FFFF
    EXPECT_FALSE(is_utf8("\x80"));               // a continuation alone
    EXPECT_FALSE(is_utf8("cut off: \xE2\x82"));  // the last character is not whole
    EXPECT_FALSE(
        is_utf8("\xFF\xFE"
                "a"));  // UTF-16
}

TEST(Utf8, writes_foreign_bytes_out) {
    EXPECT_EQ(printable_utf8("a\xFF"
                             "b\xC3\xBC"),
              "a\\xffb\xC3\xBC");
}

}  // namespace
}  // namespace singularity::analysis
