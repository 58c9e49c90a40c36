#include "cluster/home.hpp"

#include <gtest/gtest.h>

namespace singularity::cluster {
namespace {

TEST(Home, is_the_same_with_and_without_a_trailing_slash) {
    EXPECT_EQ(Home::at("/srv/backbone/")->root(), "/srv/backbone");
    EXPECT_EQ(Home::at("/srv/./other/../backbone")->root(), "/srv/backbone");
    EXPECT_EQ(Home::at("/srv/backbone/")->hash(), Home::at("/srv/backbone")->hash());
}

TEST(Home, has_a_hash_of_eight_digits_that_differs_between_homes) {
    const std::string hash = Home::at("/var/lib/singularity")->hash();
    EXPECT_EQ(hash.size(), 8U);
    EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(hash, Home::at("/var/lib/singularity2")->hash());
}

TEST(Home, is_refused_where_settings_or_urls_could_not_carry_its_path) {
    for (const char* path : {"relative/path", "/", "/a:b", "/a,b", "/a'b", "/a\"b", "/a\\b", "/a\nb"}) {
        const auto home = Home::at(path);
        ASSERT_FALSE(home) << path;
        EXPECT_EQ(home.error().code, core::ErrorCode::invalid_input) << path;
    }
    EXPECT_TRUE(Home::at("/home/ada lovelace/ünïcode=%"));
}

TEST(Home, knows_what_may_stand_in_it) {
    for (const char* name : {"pg", "keys", "singularity.toml", ".s.PGSQL.5432.lock"})
        EXPECT_TRUE(Home::knows(name));
    for (const char* name : {"Documents", "etc", ".bashrc"}) EXPECT_FALSE(Home::knows(name));
}

}  // namespace
}  // namespace singularity::cluster
