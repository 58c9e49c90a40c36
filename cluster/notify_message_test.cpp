#include "cluster/notify_message.hpp"

#include <gtest/gtest.h>

namespace singularity::cluster {
namespace {

TEST(NotifyMessage, readiness_and_a_status_come_in_one_datagram) {
    const auto message = parse_notify("READY=1\nSTATUS=listening\nX_SINGULARITY_HTTP=127.0.0.1:40123");
    EXPECT_TRUE(message.ready);
    EXPECT_EQ(message.status, "listening");
    EXPECT_EQ(message.http, "127.0.0.1:40123");
    EXPECT_EQ(message.healthy, std::nullopt);
}

TEST(NotifyMessage, a_degraded_part_says_why_and_a_healthy_one_clears_it) {
    const auto degraded = parse_notify("X_SINGULARITY_STATE=degraded\nSTATUS=no provider answers");
    EXPECT_EQ(degraded.healthy, false);
    EXPECT_EQ(degraded.status, "no provider answers");
    const auto healthy = parse_notify("X_SINGULARITY_STATE=healthy\nSTATUS=");
    EXPECT_EQ(healthy.healthy, true);
    EXPECT_EQ(healthy.status, "");
}

TEST(NotifyMessage, unknown_fields_and_lines_without_a_value_are_passed_over) {
    const auto message = parse_notify("WATCHDOG=1\nnonsense\n\n=x");
    EXPECT_FALSE(message.ready);
    EXPECT_EQ(message.status, std::nullopt);
}

TEST(NotifyMessage, a_status_cannot_move_a_terminal) {
    EXPECT_EQ(parse_notify("STATUS=a\x1b[2Jb").status, "a [2Jb");
}

}  // namespace
}  // namespace singularity::cluster
