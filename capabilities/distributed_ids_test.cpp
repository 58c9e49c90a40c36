#include "capabilities/distributed_ids.hpp"

#include <gtest/gtest.h>

namespace singularity::capabilities::distributed_ids {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kText = "01GV5PA9EQG7D82Q3Y4PKBZSYV";
const algo::Ulid kId = *algo::Ulid::parse(kText);

TEST(DistributedIds, tell_their_time_in_milliseconds) {
    EXPECT_EQ(ulid_timestamp(kText), 1678449649111);
}

TEST(DistributedIds, are_as_old_as_the_time_since_they_were_made) {
    EXPECT_DOUBLE_EQ(age_seconds(kId, kId.timestamp() + 1500ms), 1.5);
    EXPECT_DOUBLE_EQ(age_seconds(kId, kId.timestamp() - 2s), -2.0);
}

TEST(DistributedIds, are_recent_up_to_and_including_the_limit) {
    EXPECT_TRUE(recent(kId, 300s, kId.timestamp() + 300s));
    EXPECT_FALSE(recent(kId, 300s, kId.timestamp() + 300s + 1us));
    EXPECT_TRUE(recent(kId, 0s, kId.timestamp() - 1h)) << "an id of a clock that is ahead of ours";
    EXPECT_TRUE(recent(*algo::Ulid::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), 300s));
    EXPECT_FALSE(recent(algo::Ulid{}, 300s));
}

TEST(DistributedIds, say_in_one_sentence_what_is_wrong_with_a_text) {
    const auto message = [](std::string_view text) {
        const auto parsed = parse(text);
        EXPECT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, core::ErrorCode::invalid_input);
        return parsed.error().message;
    };
    EXPECT_EQ(message("hello"), "\"hello\" is not a ULID: it has 5 characters, a ULID has 26");
    EXPECT_EQ(
        message("01UV5PA9EQG7D82Q3Y4PKBZSYV"),
        "\"01UV5PA9EQG7D82Q3Y4PKBZSYV\" is not a ULID: character 3 is not one of Crockford's 32 digits, "
        "0 to 9 and A to Z without I, L, O, U");
    EXPECT_EQ(
        message("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
        "\"8ZZZZZZZZZZZZZZZZZZZZZZZZZ\" is not a ULID: its first digit is above 7, which makes it longer "
        "than 128 bits");
    EXPECT_FALSE(ulid_timestamp(""));
}

TEST(DistributedIds, show_no_more_of_a_text_than_a_line_holds) {
    const std::string message = parse(std::string(100'000, 'x') + "\n").error().message;
    EXPECT_LT(message.size(), 200u);
    EXPECT_FALSE(parse("a\nb").error().message.contains('\n'));
}

}  // namespace
}  // namespace singularity::capabilities::distributed_ids
