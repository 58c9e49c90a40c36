#include "services/genesis/job_identity.hpp"

#include <gtest/gtest.h>

namespace singularity::services::genesis {
namespace {

messages::JobRequest job() {
    messages::JobRequest request;
    request.request_id = request.id = "r1";
    request.language = "python";
    request.code = "print(1)";
    return request;
}

TEST(JobIdentity, who_asks_and_how_makes_no_difference) {
    messages::JobRequest other = job();
    other.request_id = other.id = "r2";
    other.agent_id = "a";
    other.priority = 7;
    other.kind = "run";
    other.share_identical = true;
    EXPECT_EQ(identity_of(job()), identity_of(other));
}

TEST(JobIdentity, code_is_told_from_input) {
    messages::JobRequest other = job();
    other.stdin = "1";
    EXPECT_EQ(identity_of(job()).code_sha256, identity_of(other).code_sha256);
    EXPECT_NE(identity_of(job()).input_sha256, identity_of(other).input_sha256);
    other = job();
    other.language = "bash";
    EXPECT_NE(identity_of(job()).code_sha256, identity_of(other).code_sha256);
    other = job();
    other.limits = messages::JobLimits{.cpu_ms = 1};
    EXPECT_NE(identity_of(job()).input_sha256, identity_of(other).input_sha256);
}

TEST(JobIdentity, arguments_that_join_to_the_same_text_are_not_the_same) {
    messages::JobRequest one = job(), other = job();
    one.arguments = {"ab", "c"};
    other.arguments = {"a", "bc"};
    EXPECT_NE(identity_of(one).input_sha256, identity_of(other).input_sha256);
}

}  // namespace
}  // namespace singularity::services::genesis
