#include "cluster/status.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "cluster/disk.hpp"

namespace singularity::cluster {
namespace {

PartStatus part(std::string state) {
    return {"postgresql", std::move(state), 4711,
            core::Timestamp(std::chrono::microseconds(1'700'000'000'123'456)), "a \"detail\""};
}

TEST(Status, survives_being_written_and_read) {
    const Status status{"degraded", "/srv/it", "/srv/it/pg", 1, 4711, "127.0.0.1:8600", {part("recovering")}};
    const auto read = status_from_json(boost::json::serialize(to_json(status)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state, "degraded");
    EXPECT_EQ(read->postmaster_pid, 4711);
    EXPECT_EQ(read->http, "127.0.0.1:8600");
    EXPECT_EQ(read->services.at(0).since, status.services.at(0).since);
    EXPECT_EQ(read->services.at(0).detail, "a \"detail\"");
}

TEST(Status, has_the_members_that_scripts_rely_on) {
    const auto json = to_json(stopped_status(Home::at("/srv/it").value())).as_object();
    for (const char* name : {"state", "home", "data_directory", "postmaster_pid", "http", "services"}) {
        EXPECT_TRUE(json.contains(name)) << name;
    }
    EXPECT_TRUE(json.at("postmaster_pid").is_null());
}

TEST(Status, of_another_version_or_torn_is_none) {
    EXPECT_FALSE(status_from_json("{\"state\":\"healthy\"}"));
    EXPECT_FALSE(status_from_json("{\"state\":"));
    EXPECT_FALSE(status_from_json(""));
}

TEST(Status, is_degraded_where_the_disk_has_too_little_room_and_says_why) {
    const Status healthy{"healthy", "/srv/it", "/srv/it/pg", 1, 4711, {}, {part("healthy")}};
    const Status full = with_room(healthy, 12U << 20);
    EXPECT_EQ(full.state, "degraded");
    EXPECT_EQ(full.services.at(0).state, "degraded");
    EXPECT_EQ(full.services.at(0).detail, "12 MB free for /srv/it/pg: a full disk stops the server");
    EXPECT_EQ(with_room(healthy, kTooLittleRoom).state, "healthy");
}

TEST(Status, of_a_server_with_another_trouble_keeps_it_on_a_full_disk) {
    const Status recovering{"starting", "/srv/it", "/srv/it/pg", 1, 4711, {}, {part("recovering")}};
    const Status full = with_room(recovering, 0);
    EXPECT_EQ(full.state, "starting");
    EXPECT_EQ(full.services.at(0).detail, "a \"detail\"");
}

TEST(OverallState, is_starting_until_every_part_was_healthy_once_and_degraded_after_that) {
    EXPECT_EQ(overall_state({part("healthy"), part("starting")}, false, false), "starting");
    EXPECT_EQ(overall_state({part("healthy"), part("healthy")}, false, false), "healthy");
    EXPECT_EQ(overall_state({part("healthy"), part("restarting")}, true, false), "degraded");
    EXPECT_EQ(overall_state({part("healthy"), part("failed")}, false, false), "degraded");
    EXPECT_EQ(overall_state({part("healthy"), part("degraded")}, false, false), "degraded");
}

TEST(OverallState, ends_as_stopped_or_failed) {
    EXPECT_EQ(overall_state({part("stopping"), part("stopped")}, true, true), "stopping");
    EXPECT_EQ(overall_state({part("stopped"), part("stopped")}, true, true), "stopped");
    EXPECT_EQ(overall_state({part("failed"), part("stopped")}, true, true), "failed");
}

}  // namespace
}  // namespace singularity::cluster
