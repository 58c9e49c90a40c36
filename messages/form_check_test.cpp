#include "messages/form_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::messages {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(FormCheck, what_means_a_time_or_a_trace_can_be_read_as_one) {
    EXPECT_THAT(
        form_problems("job_requests",
                      {{"enqueued_at", "yesterday"}, {"expires_at", "tomorrow"}, {"traceparent", "junk"}}),
        ElementsAre(StartsWith("enqueued_at: must be a time"), StartsWith("expires_at: must be a time"),
                    StartsWith("traceparent: must be")));
    EXPECT_THAT(form_problems("job_requests", {{"enqueued_at", "2025-10-25T11:00:00Z"},
                                               {"expires_at", "2025-10-25 11:00:00.5+02:00"},
                                               {"traceparent", kTrace}}),
                IsEmpty());
    EXPECT_THAT(form_problems("job_requests", {{"enqueued_at", nullptr}, {"traceparent", ""}}), IsEmpty());
}

TEST(FormCheck, a_field_that_a_queue_does_not_know_may_say_what_it_likes) {
    EXPECT_THAT(form_problems("job_results", {{"expires_at", "tomorrow"}}), IsEmpty());
}

TEST(FormCheck, a_later_trace_context_may_say_more) {
    const std::string rest = std::string(kTrace).substr(2);
    for (const std::string& text : {"00" + rest, "01" + rest, "01" + rest + "-more"})
        EXPECT_TRUE(is_traceparent(text)) << text;
    for (const std::string& text :
         {"00" + rest + "-more", "ff" + rest, "01" + rest + "more", "00" + rest.substr(1),
          std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
          std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
          std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), std::string("00-1-2-01")})
        EXPECT_FALSE(is_traceparent(text)) << text;
}

}  // namespace
}  // namespace singularity::messages
