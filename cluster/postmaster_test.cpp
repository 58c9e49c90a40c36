#include "cluster/postmaster.hpp"

#include <gtest/gtest.h>

#include "cluster/binaries.hpp"

namespace singularity::cluster {
namespace {

TEST(PidFile, tells_the_process_its_segment_and_its_state) {
    const auto file = parse_pid_file(
        "26053\n/srv/it/pg\n1763724781\n5432\n/run/singularity/0acdc4c9\n\n 19792037     32826\nready   \n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->pid, 26053);
    EXPECT_EQ(file->shared_memory_id, 32826);
    EXPECT_EQ(file->status, "ready");
}

TEST(PidFile, that_is_being_written_has_no_state_yet) {
    const auto file = parse_pid_file("26053\n/srv/it/pg\n1763724781\n5432\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->status, "");
    EXPECT_FALSE(parse_pid_file(""));
    EXPECT_FALSE(parse_pid_file("nonsense\n"));
}

TEST(ServerVersion, is_read_from_what_the_program_prints) {
    const auto debian = parse_version("postgres (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)\n");
    ASSERT_TRUE(debian);
    EXPECT_EQ(debian->major, 17);
    EXPECT_EQ(debian->minor, 11);
    EXPECT_EQ(parse_version("postgres (PostgreSQL) 18beta1\n")->major, 18);
    EXPECT_FALSE(parse_version("bash: postgres: command not found\n"));
}

}  // namespace
}  // namespace singularity::cluster
