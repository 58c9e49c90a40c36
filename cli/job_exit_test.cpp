#include "cli/job_exit.hpp"

#include <gtest/gtest.h>

#include <map>

namespace singularity::cli {
namespace {

messages::JobResult ended(std::string verdict) {
    messages::JobResult result;
    result.verdict = std::move(verdict);
    return result;
}

TEST(JobExit, is_the_programs_own) {
    messages::JobResult result = ended("runtime_error");
    result.exit_code = 7;
    EXPECT_EQ(exit_of(result).code, 7);
    EXPECT_EQ(exit_of(result).message, "");
    result = ended("signal");
    result.signal = 11;
    EXPECT_EQ(exit_of(result).code, 139);
}

TEST(JobExit, a_verdict_that_is_none_of_success_is_never_zero) {
    messages::JobResult result = ended("compile_error");
    result.exit_code = 0;
    EXPECT_EQ(exit_of(result).code, 1);
    EXPECT_EQ(exit_of(ended("runtime_error")).code, 1);
}

TEST(JobExit, is_what_scripts_expect_of_a_bound_that_was_reached) {
    const std::map<std::string, int> codes{
        {"cpu_timeout", 124}, {"wall_timeout", 124},  {"oom", 137},     {"output_limit", 153},
        {"cancelled", 143},   {"sandbox_error", 125}, {"refused", 125}, {"unsupported_language", 125}};
    for (const auto& [verdict, code] : codes) {
        EXPECT_EQ(exit_of(ended(verdict)).code, code) << verdict;
        EXPECT_NE(exit_of(ended(verdict)).message, "") << verdict;
    }
}

TEST(JobExit, a_cancellation_without_a_reason_says_no_more) {
    EXPECT_EQ(exit_of(ended("cancelled")).message, "the job was cancelled");
    messages::JobResult result = ended("cancelled");
    result.error = messages::ResultError{.code = "expired", .message = "too late"};
    EXPECT_EQ(exit_of(result).message, "the job was cancelled: too late");
}

TEST(JobExit, a_reason_cannot_write_to_the_terminal) {
    messages::JobResult result = ended("refused");
    result.error = messages::ResultError{.code = "x", .message = "no\x1b[2J"};
    EXPECT_EQ(exit_of(result).message, "refused: no [2J");
}

}  // namespace
}  // namespace singularity::cli
