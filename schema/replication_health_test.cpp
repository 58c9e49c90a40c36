#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "schema/replication.hpp"

namespace singularity::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ReplicationState well() {
    ReplicationState state;
    for (const Publication& publication : publications()) {
        state.publications.push_back({std::string(publication.name),
                                      {std::string(publication.table)},
                                      std::string(publication.publish)});
    }
    for (const Subscription& subscription : subscriptions_of("singularity")) {
        state.slots.push_back(
            {.name = subscription.name, .active = true, .wal_status = "reserved", .lag_bytes = 56});
        state.subscriptions.push_back({.name = subscription.name, .enabled = true, .running = true});
    }
    return state;
}

ReplicationHealth verdict(const ReplicationState& state) {
    return judge(state, subscriptions_of("singularity"));
}

TEST(ReplicationHealth, is_healthy_when_everything_runs) {
    EXPECT_EQ(verdict(well()).status, "healthy");
    EXPECT_TRUE(verdict(well()).reasons.empty());
}

TEST(ReplicationHealth, is_down_when_something_is_missing) {
    ReplicationState state = well();
    state.publications.erase(state.publications.begin());
    state.slots.erase(state.slots.begin());
    state.subscriptions.pop_back();
    EXPECT_EQ(verdict(state).status, "down");
    EXPECT_THAT(verdict(state).reasons,
                ElementsAre(HasSubstr("publication approved_patterns_pub is missing"),
                            HasSubstr("slot patterns_sub is missing"), HasSubstr("metrics_sub is missing")));
}

TEST(ReplicationHealth, is_down_when_a_subscription_is_disabled_or_does_not_run) {
    ReplicationState state = well();
    state.subscriptions[0].enabled = false;
    state.subscriptions[1].running = false;
    state.subscriptions[1].apply_errors = 7;
    EXPECT_EQ(verdict(state).status, "down");
    EXPECT_THAT(verdict(state).reasons,
                ElementsAre(HasSubstr("patterns_sub is disabled"), HasSubstr("7 apply errors")));
}

TEST(ReplicationHealth, is_down_when_a_slot_lost_its_wal) {
    ReplicationState state = well();
    state.slots[2].wal_status = "lost";
    state.slots[2].invalidation_reason = "wal_removed";
    EXPECT_THAT(verdict(state).reasons, ElementsAre(HasSubstr("metrics_sub is lost (wal_removed)")));
}

TEST(ReplicationHealth, is_degraded_while_it_lags_or_copies) {
    ReplicationState state = well();
    state.slots[0].lag_bytes = kLagLimitBytes + 1;
    state.subscriptions[1].tables_not_ready = 1;
    EXPECT_EQ(verdict(state).status, "degraded");
    EXPECT_THAT(verdict(state).reasons, ElementsAre(HasSubstr("patterns_sub is 16 MB behind"),
                                                    HasSubstr("job_stats_sub still copies")));
}

TEST(ReplicationHealth, tells_scripts_what_they_know) {
    ReplicationState state = well();
    state.subscriptions[0].running = false;
    const boost::json::object json = to_json(state, verdict(state));
    EXPECT_EQ(json.at("status"), "down");
    EXPECT_EQ(json.at("publications_count").to_number<int>(), 4);
    EXPECT_EQ(json.at("subscriptions_total").to_number<int>(), 3);
    EXPECT_EQ(json.at("subscriptions_active").to_number<int>(), 2);
    EXPECT_EQ(json.at("subscriptions_inactive").to_number<int>(), 1);
    EXPECT_EQ(json.at("replication_lag").to_number<int>(), 56);
    EXPECT_TRUE(json.contains("timestamp"));
}

}  // namespace
}  // namespace singularity::schema
