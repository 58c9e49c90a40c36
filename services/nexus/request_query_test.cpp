#include "services/nexus/request_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::services::nexus {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

core::Expected<RequestQuery> parse(std::string id, std::string query = "", http::Headers headers = {}) {
    return parse_request_query(
        {.query = std::move(query), .headers = std::move(headers), .parameters = {{"id", std::move(id)}}});
}

std::vector<std::string> wrong_of(std::string id, std::string query = "") {
    const auto parsed = parse(std::move(id), std::move(query));
    return parsed ? std::vector<std::string>{} : parsed.error().details;
}

TEST(RequestQuery, an_id_is_all_it_takes) {
    const auto query = parse("01JDKJ4R7ZP2V0Q4T3ZS1W9A8B");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->request_id, "01JDKJ4R7ZP2V0Q4T3ZS1W9A8B");
    EXPECT_FALSE(query->wait);
    EXPECT_FALSE(query->events);
}

TEST(RequestQuery, an_id_may_be_any_text_that_a_publisher_chose) {
    for (const char* id : {"order 17", "a/b", "größe", "2f1f0c1e-7d0e-4d0e-9d0e-000000000001"}) {
        EXPECT_TRUE(parse(id)) << id;
    }
    EXPECT_TRUE(parse(std::string(512, 'x')));
}

TEST(RequestQuery, an_id_that_can_be_none_is_refused_by_name) {
    EXPECT_THAT(wrong_of(std::string(513, 'x')), ElementsAre(HasSubstr("513 bytes")));
    const std::string nul("a\0b", 3);
    for (const std::string& id : {std::string(), std::string("  "), nul, std::string("a\nb"),
                                  std::string("\x7f"), std::string("\xff"), std::string("\xed\xa0\x80")}) {
        EXPECT_THAT(wrong_of(id), ElementsAre(StartsWith("id: ")));
    }
}

TEST(RequestQuery, a_wait_is_a_number_of_seconds) {
    EXPECT_EQ(parse("a", "wait=0")->wait, 0ms);
    EXPECT_EQ(parse("a", "wait=2.5")->wait, 2500ms);
    EXPECT_EQ(parse("a", "wait=300")->wait, 300s);
}

TEST(RequestQuery, a_wait_that_is_negative_too_long_or_no_number_is_refused_by_name) {
    for (const char* wait : {"-1", "-0.5", "-0", "300.1", "1e2", "inf", "nan", "", "ten", "5s", " 5", "0x10",
                             "99999999999999999999999999999999999999999"}) {
        EXPECT_THAT(wrong_of("a", std::string("wait=") + wait), ElementsAre(StartsWith("wait: "))) << wait;
    }
    EXPECT_FALSE(parse("a", "wait=1&wait=2"));
    EXPECT_FALSE(parse("a", "wait=%"));
}

TEST(RequestQuery, everything_that_is_wrong_is_told) {
    EXPECT_THAT(wrong_of("", "wait=x"), ElementsAre(StartsWith("id: "), StartsWith("wait: ")));
}

TEST(RequestQuery, a_client_that_comes_back_for_events_says_which_it_had) {
    const auto query = parse("a", "", {{"accept", "text/event-stream"}, {"last-event-id", "llm_results"}});
    ASSERT_TRUE(query);
    EXPECT_TRUE(query->events);
    EXPECT_EQ(query->last_event_id, "llm_results");
}

}  // namespace
}  // namespace singularity::services::nexus
