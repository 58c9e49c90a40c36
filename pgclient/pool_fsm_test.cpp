#include "pgclient/pool_fsm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace singularity::pgclient {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr PoolLimits kLimits{.size = 2,
                             .max_waiting = 3,
                             .max_idle = seconds{100},
                             .max_lifetime = seconds{1'000},
                             .backoff = {milliseconds{100}, milliseconds{400}}};

PoolAction connect(PoolSlot slot) {
    return {PoolVerb::connect, slot};
}
PoolAction close(PoolSlot slot) {
    return {PoolVerb::close, slot};
}
PoolAction clean(PoolSlot slot) {
    return {PoolVerb::clean, slot};
}
PoolAction grant(PoolSlot slot, PoolTicket ticket) {
    return {PoolVerb::grant, slot, ticket};
}
PoolAction rest(int delay) {
    return {PoolVerb::rest, 0, 0, milliseconds{delay}};
}

class PoolFsmTest : public ::testing::Test {
protected:
    PoolFsm::Time at(seconds since_start) const { return start_ + since_start; }

    // One connection, leased by ticket 1.
    void lease_one() {
        fsm_.request(1, start_);
        fsm_.connected(0, start_, 0);
    }

    PoolFsm::Time start_ = PoolFsm::Time{} + std::chrono::hours{1};
    PoolFsm fsm_{kLimits};
};

TEST(PoolSizing, as_many_connections_are_started_as_callers_need) {
    EXPECT_EQ(connections_to_start(0, 0, 4, false), 0u);
    EXPECT_EQ(connections_to_start(3, 0, 4, false), 3u);
    EXPECT_EQ(connections_to_start(3, 2, 4, false), 1u);
    EXPECT_EQ(connections_to_start(9, 0, 4, false), 4u);
    EXPECT_EQ(connections_to_start(2, 5, 4, false), 0u);
}

TEST(PoolSizing, a_failing_server_is_probed_by_one_attempt_at_a_time) {
    EXPECT_EQ(connections_to_start(9, 0, 4, true), 1u);
    EXPECT_EQ(connections_to_start(9, 1, 3, true), 0u);
    EXPECT_EQ(connections_to_start(9, 0, 0, true), 0u);
}

TEST_F(PoolFsmTest, a_connection_is_made_for_the_first_caller_and_granted) {
    EXPECT_THAT(fsm_.request(1, start_), ElementsAre(connect(0)));
    EXPECT_THAT(fsm_.connected(0, start_, 0), ElementsAre(grant(0, 1)));
    EXPECT_EQ(fsm_.count(SlotState::leased), 1u);
}

TEST_F(PoolFsmTest, callers_are_served_in_order_and_never_beyond_the_size) {
    EXPECT_THAT(fsm_.request(1, start_), ElementsAre(connect(0)));
    EXPECT_THAT(fsm_.request(2, start_), ElementsAre(connect(1)));
    EXPECT_THAT(fsm_.request(3, start_), IsEmpty());
    EXPECT_THAT(fsm_.connected(1, start_, 0), ElementsAre(grant(1, 1)));
    EXPECT_THAT(fsm_.connected(0, start_, 0), ElementsAre(grant(0, 2)));
    EXPECT_THAT(fsm_.returned(1, Condition::clean, start_), ElementsAre(grant(1, 3)));
}

TEST_F(PoolFsmTest, the_queue_has_room_for_so_many_and_no_more) {
    for (PoolTicket ticket = 1; ticket <= 3; ++ticket) {
        EXPECT_TRUE(fsm_.has_room());
        fsm_.request(ticket, start_);
    }
    EXPECT_FALSE(fsm_.has_room());
    fsm_.withdraw(2);
    EXPECT_TRUE(fsm_.has_room());
}

TEST_F(PoolFsmTest, who_withdrew_is_passed_over) {
    lease_one();
    fsm_.request(2, start_);
    fsm_.request(3, start_);
    fsm_.withdraw(2);
    EXPECT_THAT(fsm_.returned(0, Condition::clean, start_), ElementsAre(grant(0, 3)));
}

TEST_F(PoolFsmTest, an_idle_connection_is_taken_without_waiting) {
    lease_one();
    EXPECT_THAT(fsm_.returned(0, Condition::clean, start_), IsEmpty());
    PoolActions actions;
    EXPECT_EQ(fsm_.take_idle(start_, actions), PoolSlot{0});
    EXPECT_EQ(fsm_.take_idle(start_, actions), std::nullopt);
    EXPECT_THAT(actions, IsEmpty());
}

TEST_F(PoolFsmTest, a_dirty_connection_is_cleaned_before_anyone_gets_it) {
    lease_one();
    fsm_.request(2, start_);
    EXPECT_THAT(fsm_.returned(0, Condition::dirty, start_), ElementsAre(clean(0)));
    EXPECT_THAT(fsm_.cleaned(0, true, start_), ElementsAre(grant(0, 2)));
}

TEST_F(PoolFsmTest, a_connection_that_cannot_be_cleaned_is_replaced) {
    lease_one();
    fsm_.returned(0, Condition::dirty, start_);
    EXPECT_THAT(fsm_.cleaned(0, false, start_), ElementsAre(close(0)));
    EXPECT_EQ(fsm_.count(SlotState::empty), 2u);
}

TEST_F(PoolFsmTest, a_lost_connection_is_closed_and_made_again_for_who_waits) {
    lease_one();
    fsm_.request(2, start_);
    fsm_.connected(1, start_, 0);
    fsm_.request(3, start_);
    EXPECT_THAT(fsm_.returned(0, Condition::lost, start_), ElementsAre(close(0), connect(0)));
}

TEST_F(PoolFsmTest, failures_are_followed_by_growing_rests_and_single_probes) {
    fsm_.request(1, start_);
    fsm_.request(2, start_);
    EXPECT_THAT(fsm_.connect_failed(0, start_, kMost), IsEmpty()) << "the other attempt is still under way";
    EXPECT_THAT(fsm_.connect_failed(1, start_, kMost), ElementsAre(rest(200)));
    EXPECT_THAT(fsm_.woke(start_ + milliseconds{200}), ElementsAre(connect(0)));
    EXPECT_THAT(fsm_.connect_failed(0, start_, kMost), ElementsAre(rest(400)));
    EXPECT_EQ(fsm_.failures(), 3u);
}

TEST_F(PoolFsmTest, a_success_after_failures_starts_what_else_is_needed) {
    fsm_.request(1, start_);
    fsm_.connect_failed(0, start_, 0);
    fsm_.request(2, start_);
    EXPECT_THAT(fsm_.connected(0, start_, 0), ElementsAre(grant(0, 1), connect(1)));
    EXPECT_EQ(fsm_.failures(), 0u);
}

TEST_F(PoolFsmTest, a_caller_who_comes_during_a_rest_waits_for_its_end) {
    fsm_.request(1, start_);
    fsm_.connect_failed(0, start_, kMost);
    EXPECT_THAT(fsm_.withdraw(1), ElementsAre(PoolAction{PoolVerb::stop_rest})) << "nobody waits any more";
    EXPECT_THAT(fsm_.request(2, start_ + milliseconds{40}), ElementsAre(rest(60)));
}

TEST_F(PoolFsmTest, idle_connections_do_not_outlive_max_idle) {
    lease_one();
    fsm_.returned(0, Condition::clean, start_);
    PoolActions actions;
    EXPECT_EQ(fsm_.take_idle(at(seconds{100}), actions), std::nullopt);
    EXPECT_THAT(actions, ElementsAre(close(0)));
}

TEST_F(PoolFsmTest, what_a_quiet_pool_no_longer_needs_is_closed) {
    fsm_.request(1, start_);
    fsm_.request(2, start_);
    fsm_.connected(0, start_, 0);
    fsm_.connected(1, start_, 0);
    fsm_.returned(0, Condition::clean, start_);
    EXPECT_THAT(fsm_.returned(1, Condition::clean, at(seconds{101})), ElementsAre(close(0)));
}

TEST_F(PoolFsmTest, connections_opened_together_end_apart_and_within_their_lifetime) {
    fsm_.request(1, start_);
    fsm_.request(2, start_);
    fsm_.connected(0, start_, kMost);
    fsm_.connected(1, start_, 0);
    EXPECT_THAT(fsm_.returned(0, Condition::clean, at(seconds{901})), ElementsAre(close(0)));
    EXPECT_THAT(fsm_.returned(1, Condition::clean, at(seconds{901})), IsEmpty());
}

TEST_F(PoolFsmTest, a_connection_the_server_closed_gives_its_place_free) {
    lease_one();
    fsm_.returned(0, Condition::clean, start_);
    PoolActions actions;
    fsm_.found_closed(*fsm_.take_idle(start_, actions));
    EXPECT_THAT(fsm_.request(2, start_), ElementsAre(connect(0)));
}

TEST_F(PoolFsmTest, a_closed_pool_closes_what_is_idle_and_what_comes_back) {
    fsm_.request(1, start_);
    fsm_.request(2, start_);
    fsm_.connected(0, start_, 0);
    fsm_.connected(1, start_, 0);
    fsm_.returned(0, Condition::clean, start_);
    EXPECT_THAT(fsm_.close(), ElementsAre(close(0)));
    EXPECT_THAT(fsm_.returned(1, Condition::dirty, start_), ElementsAre(close(1)));
}

TEST_F(PoolFsmTest, a_connection_that_arrives_at_a_closed_pool_is_closed) {
    fsm_.request(1, start_);
    fsm_.close();
    EXPECT_THAT(fsm_.connected(0, start_, 0), ElementsAre(close(0)));
}

}  // namespace
}  // namespace singularity::pgclient
