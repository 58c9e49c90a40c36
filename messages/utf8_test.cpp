#include "messages/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace singularity::messages {
namespace {

// At every place of a longer text, so that every way through eight bytes at a time is taken.
TextFault fault_anywhere(std::string_view piece) {
    const TextFault alone = fault_of(piece);
    for (std::size_t place = 0; place < 20; ++place) {
        const std::string text = std::string(place, 'x') + std::string(piece) + std::string(20 - place, 'y');
        EXPECT_EQ(fault_of(text), alone) << place;
    }
    return alone;
}

TEST(Utf8, takes_every_length_of_character_at_its_bounds) {
    for (const std::string_view text :
         {"", "\x01", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_EQ(fault_anywhere(text), TextFault::none) << testing::PrintToString(text);
    }
}

TEST(Utf8, finds_what_is_none) {
    for (const std::string_view text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xff", "\xc2x", "\xe2\x82x"}) {
        EXPECT_EQ(fault_anywhere(text), TextFault::not_utf8) << testing::PrintToString(text);
    }
}

TEST(Utf8, finds_a_character_that_is_cut_off_at_the_end) {
    for (const std::string_view text : {"\xc2", "\xe2\x82", "\xf0\x9f\x98", "xxxxxxxx\xf0"}) {
        EXPECT_EQ(fault_of(text), TextFault::not_utf8);
    }
}

TEST(Utf8, finds_halves_of_surrogate_pairs) {
    EXPECT_EQ(fault_anywhere("\xed\xa0\x80"), TextFault::surrogate);
    EXPECT_EQ(fault_anywhere("\xed\xbf\xbf"), TextFault::surrogate);
}

TEST(Utf8, finds_nul) {
    EXPECT_EQ(fault_anywhere(std::string_view("\0", 1)), TextFault::nul);
}

}  // namespace
}  // namespace singularity::messages
