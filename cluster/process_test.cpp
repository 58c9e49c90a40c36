#include "cluster/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/run_program.hpp"

namespace singularity::cluster {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(RunProgram, gives_what_was_written_and_how_it_ended) {
    const auto result = run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, "out\nerr\n");
    EXPECT_EQ(result->status.describe(), "exited with 3");
}

TEST(RunProgram, says_by_which_signal_a_program_was_killed) {
    const auto result = run_program({"/bin/sh", "-c", "kill -9 $$"});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status.describe(), "was killed by signal 9 (Killed)");
}

TEST(RunProgram, says_why_a_program_could_not_be_executed) {
    const auto result = run_program({"/nonexistent/program"});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("/nonexistent/program: No such file or directory"));
}

TEST(Spawn, leaves_a_child_nothing_that_we_have_open) {
    const auto result = run_program({"/bin/sh", "-c", "ls /proc/self/fd | wc -l"});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, "4\n");  // the standard three, and the folder that ls reads
}

TEST(ChildEnvironment, has_the_additions_and_nothing_that_would_lead_libpq_astray) {
    // NOLINTBEGIN(concurrency-mt-unsafe)
    ::setenv("PGPORT", "6000", 1);
    ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
    ::setenv("SINGULARITY_HOME", "/elsewhere", 1);
    // NOLINTEND(concurrency-mt-unsafe)
    const auto environment = child_environment({"SINGULARITY_HOME=/srv/it"});
    EXPECT_THAT(environment, Contains("SINGULARITY_HOME=/srv/it"));
    EXPECT_THAT(environment, Not(Contains("SINGULARITY_HOME=/elsewhere")));
    EXPECT_THAT(environment, Not(Contains(StartsWith("PG"))));
    EXPECT_THAT(environment, Not(Contains(StartsWith("NOTIFY_SOCKET="))));
    EXPECT_THAT(environment, Contains(StartsWith("PATH=")));
}

}  // namespace
}  // namespace singularity::cluster
