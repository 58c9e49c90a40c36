#include "algo/ulid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace singularity::algo {
namespace {

constexpr std::string_view kKnownText = "01GV5PA9EQG7D82Q3Y4PKBZSYV";
constexpr Ulid kKnown{{0x01, 0x86, 0xcb, 0x65, 0x25, 0xd7, 0x81, 0xda,  //
                       0x81, 0x5c, 0x7e, 0x25, 0xa6, 0xbf, 0xe7, 0xdb}};

std::string text_of(const Ulid& ulid) {
    return std::string(std::string_view(ulid.text()));
}

std::string valid_with(std::size_t position, char character) {
    std::string text(kKnownText);
    text[position] = character;
    return text;
}

static_assert(Ulid::parse(kKnownText) == kKnown);
static_assert(sizeof(Ulid) == 16 && alignof(Ulid) == 1);

TEST(Ulid, has_the_bytes_of_its_uuid) {
    EXPECT_EQ(Ulid::parse(kKnownText).value(), kKnown);
    EXPECT_EQ(text_of(kKnown), kKnownText);
}

TEST(Ulid, tells_the_time_it_was_made) {
    using namespace std::chrono;
    const auto made = sys_days(2023y / March / 10) + 12h + 0min + 49s + 111ms;
    EXPECT_EQ(kKnown.timestamp(), made);
    EXPECT_EQ(Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV")->milliseconds(), 1469922850259u);
}

TEST(Ulid, encodes_the_time_as_the_specification_does) {
    EXPECT_EQ(text_of(Ulid::lowest_of(1469918176385)), "01ARYZ6S410000000000000000");
    EXPECT_EQ(text_of(Ulid::lowest_of(0)), "00000000000000000000000000");
    EXPECT_EQ(text_of(Ulid::lowest_of(kUlidMaxMilliseconds)), "7ZZZZZZZZZ0000000000000000");
}

TEST(Ulid, reaches_from_the_first_to_the_last_value_of_the_specification) {
    Ulid last;
    last.bytes.fill(0xff);
    EXPECT_EQ(text_of(last), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    EXPECT_EQ(Ulid::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").value(), last);
    EXPECT_EQ(last.milliseconds(), kUlidMaxMilliseconds);
    EXPECT_EQ(Ulid::parse("00000000000000000000000000").value(), Ulid{});
}

TEST(Ulid, refuses_a_first_digit_that_needs_more_than_128_bits) {
    for (const char first : std::string_view("89ABCDEFGHJKMNPQRSTVWXYZaz")) {
        const auto parsed = Ulid::parse(valid_with(0, first));
        ASSERT_FALSE(parsed) << first;
        EXPECT_EQ(parsed.error().fault, UlidFault::out_of_range) << first;
    }
    for (const char first : std::string_view("01234567"))
        EXPECT_TRUE(Ulid::parse(valid_with(0, first))) << first;
}

TEST(Ulid, refuses_every_character_outside_the_alphabet_and_says_where) {
    const std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
    for (std::size_t position = 0; position < kUlidTextLength; ++position) {
        for (int code = 0; code < 256; ++code) {
            const char character = static_cast<char>(code);
            if (alphabet.contains(character)) continue;
            const auto parsed = Ulid::parse(valid_with(position, character));
            ASSERT_FALSE(parsed) << code << " at " << position;
            EXPECT_EQ(parsed.error().fault, UlidFault::bad_character) << code;
            EXPECT_EQ(parsed.error().position, position) << code;
        }
    }
}

TEST(Ulid, refuses_every_length_but_26) {
    const std::string text(60, '0');
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const auto parsed = Ulid::parse(std::string_view(text).substr(0, length));
        EXPECT_EQ(parsed.has_value(), length == kUlidTextLength) << length;
        if (parsed) continue;
        EXPECT_EQ(parsed.error().fault, UlidFault::wrong_length) << length;
    }
}

TEST(Ulid, reads_lower_case_and_writes_upper_case) {
    std::string lower(kKnownText);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(Ulid::parse(lower).value(), kKnown);
    EXPECT_EQ(text_of(*Ulid::parse(lower)), kKnownText);
}

TEST(Ulid, keeps_every_bit_through_its_text) {
    for (std::size_t bit = 0; bit < 128; ++bit) {
        Ulid ulid;
        ulid.bytes[bit / 8] = static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_EQ(Ulid::parse(text_of(ulid)).value(), ulid) << bit;
    }
}

TEST(Ulid, sorts_as_bytes_as_it_sorts_as_text) {
    std::vector<Ulid> ulids;
    for (unsigned i = 0; i < 512; ++i) {
        Ulid ulid;
        for (std::size_t byte = 0; byte < 16; ++byte) {
            ulid.bytes[byte] = static_cast<std::uint8_t>((i + 1) * (2654435761u >> byte));
        }
        ulids.push_back(ulid);
    }
    std::ranges::sort(ulids);
    EXPECT_TRUE(std::ranges::is_sorted(ulids, {}, text_of));
    EXPECT_LT(Ulid::lowest_of(1), Ulid::lowest_of(2));
}

TEST(Ulid, keeps_its_parts_apart) {
    const std::array<std::uint8_t, 10> randomness{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const Ulid ulid = Ulid::from_parts(0x010203040506, randomness);
    const Ulid expected{{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
    EXPECT_EQ(ulid, expected);
    EXPECT_EQ(ulid.milliseconds(), 0x010203040506u);
}

TEST(UlidLenient, reads_what_people_confuse) {
    EXPECT_EQ(Ulid::parse_lenient("olARZ3NDEKTSV4RRFFQ69G5FAV"), Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    EXPECT_EQ(Ulid::parse_lenient("OIARZ3NDEKTSV4RRFFQ69G5FAV"), Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    EXPECT_EQ(Ulid::parse_lenient("01ARZ3NDEK-TSV4RRFF-Q69G5FAV-"),
              Ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}

TEST(UlidLenient, refuses_the_rest_and_says_where_in_the_text_given) {
    const auto bad = Ulid::parse_lenient("01ARZ3NDEK-TSV4RRFF-U69G5FAV");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().fault, UlidFault::bad_character);
    EXPECT_EQ(bad.error().position, 20u);
    EXPECT_EQ(Ulid::parse_lenient("8-1ARZ3NDEKTSV4RRFFQ69G5FAV").error().fault, UlidFault::out_of_range);
    for (const std::string_view text : {"", "-", "--------------------------", "01ARZ3NDEKTSV4RRFFQ69G5FA",
                                        "01ARZ3NDEKTSV4RRFFQ69G5FAV0"}) {
        ASSERT_FALSE(Ulid::parse_lenient(text)) << text;
        EXPECT_EQ(Ulid::parse_lenient(text).error().fault, UlidFault::wrong_length) << text;
    }
}

}  // namespace
}  // namespace singularity::algo
