#include "messages/headers.hpp"

#include <gtest/gtest.h>

namespace singularity::messages {
namespace {

TEST(Headers, agents_take_turns_where_the_contract_says_so) {
    const boost::json::object body{{"request_id", "r1"}, {"instance_id", "i"}, {"agent_id", "a"}};
    EXPECT_EQ(headers_of("job_requests", body).at("x-pgmq-group"), "i/a");
    EXPECT_EQ(headers_of("llm_requests", body).at("x-pgmq-group"), "i");
}

TEST(Headers, what_the_body_does_not_say_the_engine_is_not_told) {
    EXPECT_EQ(headers_of("job_requests", {}), boost::json::object());
    EXPECT_EQ(headers_of("job_requests", {{"instance_id", "i"}, {"agent_id", nullptr}}),
              (boost::json::object{{"x-pgmq-group", "i"}}));
}

TEST(Headers, a_priority_is_the_engines) {
    EXPECT_EQ(headers_of("job_requests", {{"request_id", "r1"}, {"priority", 7}}),
              (boost::json::object{{"x-queue-unique-key", "r1"}, {"x-queue-priority", 7}}));
    EXPECT_EQ(headers_of("llm_requests", {{"priority", 500}}), boost::json::object());
}

}  // namespace
}  // namespace singularity::messages
