#include "services/nexus/job_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace singularity::services::nexus {
namespace {

using testing::HasSubstr;

JobPiece piece(std::int64_t number, std::int64_t at, std::string_view text, std::int32_t attempt = 1) {
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return {number, attempt, false, at, {bytes, bytes + text.size()}};
}

TEST(JobEvents, each_byte_comes_once_live_or_with_the_answer) {
    JobEvents events{JobPlace{}};
    EXPECT_THAT(events.piece(piece(7, 0, "one ")), HasSubstr(R"("at":0,"text":"one ")"));
    EXPECT_THAT(events.piece(piece(8, 2, "e two")), HasSubstr(R"("at":4,"text":"two")"));
    EXPECT_EQ(events.piece(piece(9, 100, "behind a gap")), "");
    EXPECT_THAT(events.rest(false, " three", true), HasSubstr(R"("at":7,"text":" three")"));
    EXPECT_EQ(events.bytes_of(false), 13);
    EXPECT_EQ(events.rest(false, "", true), "");
}

TEST(JobEvents, who_comes_back_goes_on_where_he_was) {
    JobEvents before{JobPlace{}};
    before.piece(piece(7, 0, "one "));
    EXPECT_EQ(before.place().text(), "7-1-4-0");
    JobEvents after(JobPlace::parse("7-1-4-0"));
    EXPECT_THAT(after.piece(piece(8, 0, "one two")), HasSubstr(R"("at":4,"text":"two")"));
}

TEST(JobEvents, another_attempt_begins_anew_and_says_so) {
    JobEvents events{JobPlace{}};
    events.piece(piece(7, 0, "one "));
    const std::string again = events.piece(piece(8, 0, "one", 2));
    EXPECT_THAT(again, HasSubstr("event: restart"));
    EXPECT_THAT(again, HasSubstr(R"("attempt":2,"at":0,"text":"one")"));
    EXPECT_EQ(events.piece(piece(9, 4, "late", 1)), "");
}

TEST(JobEvents, a_character_that_is_cut_in_two_waits_for_its_other_half) {
    JobEvents events{JobPlace{}};
    EXPECT_THAT(events.piece(piece(1, 0, "a\xE2\x82")), HasSubstr(R"("text":"a")"));
    EXPECT_EQ(events.place().bytes[0], 1);
    EXPECT_THAT(events.rest(false, "\xE2\x82\xAC", true), HasSubstr("\xE2\x82\xAC"));
}

TEST(JobEvents, a_character_that_is_cut_between_parts_comes_with_the_next_one) {
    JobEvents events{JobPlace{}};
    EXPECT_THAT(events.rest(false, "a\xE2\x82", false), HasSubstr(R"("text":"a")"));
    EXPECT_EQ(events.bytes_of(false), 1);
    EXPECT_THAT(events.rest(true, "\xE2", true), HasSubstr("base64"));
}

TEST(JobEvents, what_is_no_text_is_base64) {
    JobEvents events{JobPlace{}};
    EXPECT_THAT(events.piece(piece(1, 0, "\xFF\x01")), HasSubstr(R"("base64":"/wE=")"));
    EXPECT_THAT(events.rest(false, "\x02\xFE", true), HasSubstr(R"("at":2)"));
}

TEST(JobPlace, what_is_none_is_the_beginning) {
    for (const std::string_view text :
         {"", "x", "1-2-3", "1-2-3-4-5", "-1-1-0-0", "1-1-0-0x", "1-9999999999-0-0"}) {
        EXPECT_EQ(JobPlace::parse(text).text(), "0-1-0-0") << text;
    }
}

}  // namespace
}  // namespace singularity::services::nexus
