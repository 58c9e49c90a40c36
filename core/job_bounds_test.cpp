#include "core/job_bounds.hpp"

#include <gtest/gtest.h>

namespace singularity::core {
namespace {

TEST(JobBounds, the_machine_decides_where_nothing_is_said) {
    const JobBounds bounds = job_bounds({}, {.cores = 4, .memory_mb = 8192});
    EXPECT_EQ(bounds.boxes, 8);
    EXPECT_EQ(bounds.memory_mb, 4096);
    EXPECT_EQ(bounds.per_agent, 7);
}

TEST(JobBounds, what_is_said_counts) {
    Config config;
    config.genesis_max_boxes = 1;
    config.genesis_max_memory_mb = 64;
    const JobBounds bounds = job_bounds(config, {.cores = 4, .memory_mb = 8192});
    EXPECT_EQ(bounds.boxes, 1);
    EXPECT_EQ(bounds.memory_mb, 64);
    EXPECT_EQ(bounds.per_agent, 1);
}

TEST(JobBounds, this_machine_has_a_core_and_memory) {
    EXPECT_GE(this_machine().cores, 1);
    EXPECT_GT(this_machine().memory_mb, 0);
}

}  // namespace
}  // namespace singularity::core
