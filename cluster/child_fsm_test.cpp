#include "cluster/child_fsm.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace singularity::cluster {
namespace {

using namespace std::chrono_literals;

class ChildFsmTest : public testing::Test {
protected:
    static constexpr std::uint64_t kLongest = std::numeric_limits<std::uint64_t>::max();  // the whole ceiling

    ChildFsm fsm_{ChildLimits{.start = 30s, .stop = 15s, .backoff = {200ms, 10s}}, [] { return kLongest; }};
    ChildFsm::Time now_{};

    void start_and_be_ready() {
        fsm_.start();
        fsm_.ready();
    }

    // One crash, and the start that follows it.
    ChildAction crash() {
        const ChildAction action = fsm_.exited(now_);
        if (action.step == ChildStep::wait) fsm_.timer();
        return action;
    }
};

TEST_F(ChildFsmTest, starts_once_and_is_ready_when_it_says_so) {
    EXPECT_EQ(fsm_.start(), (ChildAction{ChildStep::spawn, 30s}));
    EXPECT_EQ(fsm_.start(), ChildAction{});
    EXPECT_EQ(fsm_.state(), ChildState::starting);
    fsm_.ready();
    EXPECT_EQ(fsm_.state(), ChildState::ready);
}

TEST_F(ChildFsmTest, a_crash_is_answered_by_a_start_after_a_delay_that_grows) {
    start_and_be_ready();
    EXPECT_EQ(crash(), (ChildAction{ChildStep::wait, 200ms}));
    EXPECT_EQ(crash(), (ChildAction{ChildStep::wait, 400ms}));
    EXPECT_EQ(crash(), (ChildAction{ChildStep::wait, 800ms}));
    EXPECT_EQ(fsm_.state(), ChildState::starting);
}

TEST_F(ChildFsmTest, gives_up_at_the_fifth_crash_within_a_minute) {
    start_and_be_ready();
    for (int crashes = 1; crashes < 5; ++crashes) {
        EXPECT_EQ(crash().step, ChildStep::wait);
        now_ += 10s;
    }
    EXPECT_EQ(crash(), ChildAction{ChildStep::give_up});
    EXPECT_EQ(fsm_.state(), ChildState::failed);
    EXPECT_EQ(fsm_.timer(), ChildAction{});
}

TEST_F(ChildFsmTest, crashes_that_are_a_minute_old_are_forgotten) {
    start_and_be_ready();
    for (int crashes = 0; crashes < 20; ++crashes) {
        EXPECT_EQ(crash().step, ChildStep::wait);
        now_ += 20s;
    }
    EXPECT_EQ(fsm_.crashes_in_window(), 3U);
}

TEST_F(ChildFsmTest, a_part_that_is_not_ready_in_time_is_killed_and_counts_as_crashed) {
    fsm_.start();
    EXPECT_EQ(fsm_.timer(), ChildAction{ChildStep::kill});
    EXPECT_EQ(fsm_.exited(now_).step, ChildStep::wait);
    EXPECT_EQ(fsm_.crashes_in_window(), 1U);
}

TEST_F(ChildFsmTest, a_timer_that_fires_after_it_became_ready_does_nothing) {
    start_and_be_ready();
    EXPECT_EQ(fsm_.timer(), ChildAction{});
}

TEST_F(ChildFsmTest, stops_by_asking_first_and_killing_when_it_takes_too_long) {
    start_and_be_ready();
    EXPECT_EQ(fsm_.stop(), (ChildAction{ChildStep::terminate, 15s}));
    EXPECT_EQ(fsm_.stop(), ChildAction{});
    EXPECT_EQ(fsm_.timer(), ChildAction{ChildStep::kill});
    EXPECT_EQ(fsm_.exited(now_), ChildAction{ChildStep::settled});
    EXPECT_EQ(fsm_.state(), ChildState::stopped);
}

TEST_F(ChildFsmTest, an_end_that_was_asked_for_is_no_crash) {
    start_and_be_ready();
    fsm_.stop();
    fsm_.exited(now_);
    EXPECT_EQ(fsm_.crashes_in_window(), 0U);
}

TEST_F(ChildFsmTest, stops_at_once_where_no_process_runs) {
    EXPECT_EQ(fsm_.stop(), ChildAction{ChildStep::settled});

    ChildFsm waiting(ChildLimits{}, [] { return kLongest; });
    waiting.start();
    waiting.exited(now_);
    EXPECT_EQ(waiting.state(), ChildState::backing_off);
    EXPECT_EQ(waiting.stop(), ChildAction{ChildStep::settled});
    EXPECT_EQ(waiting.timer(), ChildAction{});
}

TEST_F(ChildFsmTest, readiness_that_comes_while_stopping_changes_nothing) {
    fsm_.start();
    fsm_.stop();
    fsm_.ready();
    EXPECT_EQ(fsm_.state(), ChildState::stopping);
}

}  // namespace
}  // namespace singularity::cluster
