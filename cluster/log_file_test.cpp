#include "cluster/log_file.hpp"

#include <gtest/gtest.h>

namespace singularity::cluster {
namespace {

TEST(Complaint, of_the_server_is_its_fatal_line_without_the_prefix) {
    EXPECT_EQ(complaint_in({"2026-11-21 11:32:44.053 UTC [25968] LOG:  starting",
                            "2026-11-21 11:32:44.072 UTC [25968] FATAL:  could not access file \"pg_cron\"",
                            "2026-11-21 11:32:44.074 UTC [25968] LOG:  database system is shut down"}),
              "could not access file \"pg_cron\"");
}

TEST(Complaint, of_a_service_is_its_last_error_as_text) {
    EXPECT_EQ(
        complaint_in({R"({"time":"t","level":"error","service":"nexus","event":"old"})",
                      R"({"time":"t","level":"error","service":"nexus","event":"http.taken","port":8600})",
                      R"({"time":"t","level":"info","service":"nexus","event":"service.stopped"})"}),
        "http.taken port=8600");
}

TEST(Complaint, is_the_last_line_where_none_complains) {
    EXPECT_EQ(complaint_in({"first", "terminate called"}), "terminate called");
    EXPECT_EQ(complaint_in({}), "");
}

}  // namespace
}  // namespace singularity::cluster
