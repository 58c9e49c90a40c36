#include <gtest/gtest.h>

#include "schema/migrations.hpp"
#include "schema/names.hpp"
#include "schema/sql_text.hpp"

namespace singularity::schema {
namespace {

TEST(Names, the_first_instance_has_the_plain_names) {
    EXPECT_EQ(database_of("singularity", "singularity").name, "singularity");
    EXPECT_EQ(subscription_name("patterns_sub", "singularity"), "patterns_sub");
}

TEST(Names, another_instance_carries_its_own_and_shares_the_rest) {
    EXPECT_EQ(database_of("singularity", "eu").name, "singularity_eu");
    EXPECT_EQ(database_of("singularity", "eu").owner, "singularity");
    EXPECT_EQ(database_of("centralcloud", "eu").name, "centralcloud");
    EXPECT_EQ(database_of("shared_queue", "eu").owner, "centralcloud");
    EXPECT_EQ(subscription_name("patterns_sub", "eu"), "patterns_sub_eu");
}

TEST(SqlText, quotes_what_needs_it) {
    EXPECT_EQ(literal("it's"), "'it''s'");
    EXPECT_EQ(identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(conninfo_setting("host", R"(/tmp/o'b\c)"), R"(host='/tmp/o\'b\\c')");
}

TEST(SqlText, moves_an_address_to_another_database) {
    EXPECT_EQ(with_database("postgresql://postgres@/postgres?host=%2Ftmp", "nexus"),
              "postgresql://postgres@/postgres?host=%2Ftmp&dbname=nexus");
    EXPECT_EQ(with_database("postgresql://hub/x", "nexus"), "postgresql://hub/x?dbname=nexus");
    EXPECT_EQ(with_database("host=/tmp dbname=postgres", "nexus"),
              "host=/tmp dbname=postgres dbname='nexus'");
}

TEST(Migrations, every_database_has_numbered_files) {
    for (const std::string_view part : parts()) {
        const auto files = migrations_of(part);
        ASSERT_FALSE(files.empty()) << part;
        for (std::size_t i = 0; i < files.size(); ++i) {
            EXPECT_EQ(files[i].version, static_cast<int>(i) + 1) << part << '/' << files[i].name;
            EXPECT_FALSE(files[i].text.empty());
        }
    }
}

}  // namespace
}  // namespace singularity::schema
