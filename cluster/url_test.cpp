#include "cluster/url.hpp"

#include <gtest/gtest.h>

namespace singularity::cluster {
namespace {

core::Config config_for(const std::string& home) {
    core::Config config;
    config.home = home;
    return config;
}

TEST(DatabaseUrl, is_of_the_owner_who_logs_in_with_the_passfile) {
    const Home home = Home::at("/srv/it").value();
    EXPECT_EQ(role_url(home, "/run/singularity/0123abcd", "shared_queue", "centralcloud"),
              "postgresql://centralcloud@/shared_queue?host=/run/singularity/0123abcd&port=5432"
              "&passfile=/srv/it/keys/pgpass");
    EXPECT_EQ(admin_url("/run/singularity/0123abcd"),
              "postgresql://postgres@/postgres?host=/run/singularity/0123abcd&port=5432");
}

TEST(DatabaseUrl, survives_a_home_with_blanks_and_signs) {
    const Home home = Home::at("/home/ada lovelace/a&b%c").value();
    EXPECT_TRUE(role_url(home, "/run/x", "nexus", "nexus")
                    .ends_with("passfile=/home/ada%20lovelace/a%26b%25c/keys/pgpass"));
}

TEST(DatabaseUrl, of_the_shared_queue_is_centralclouds) {
    const auto url = database_url(config_for("/srv/it"), "shared_queue");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->starts_with("postgresql://centralcloud@/shared_queue?"));
    EXPECT_TRUE(
        database_url(config_for("/srv/it"), "singularity", "console")->starts_with("postgresql://console@/"));
}

TEST(DatabaseUrl, elsewhere_is_what_the_configuration_says) {
    core::Config config = config_for("/srv/it");
    config.database_urls["nexus"] = "postgresql://n@db.example/nexus";
    EXPECT_EQ(database_url(config, "nexus"), "postgresql://n@db.example/nexus");
}

TEST(DatabaseUrl, of_an_unknown_name_is_refused_with_the_names_there_are) {
    const auto url = database_url(config_for("/srv/it"), "nope");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().code, core::ErrorCode::not_found);
    EXPECT_TRUE(url.error().details.front().contains("shared_queue"));
    EXPECT_TRUE(url.error().details.front().contains("admin"));
}

}  // namespace
}  // namespace singularity::cluster
