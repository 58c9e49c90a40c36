#include "schema/passfile.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace singularity::schema {
namespace {

TEST(Passfile, keeps_a_line_a_role_and_other_peoples_lines) {
    Passfile file = Passfile::parse("# mine\nelsewhere:5432:*:me:hush\n*:*:*:nexus:old\n");
    EXPECT_EQ(file.password_of("nexus"), "old");
    EXPECT_EQ(file.password_of("genesis"), std::nullopt);
    EXPECT_TRUE(file.set({.user = "nexus", .password = "new"}));
    EXPECT_FALSE(file.set({.user = "nexus", .password = "new"}));
    EXPECT_TRUE(file.set({.user = "genesis", .password = "secret"}));
    EXPECT_EQ(file.text(), "# mine\nelsewhere:5432:*:me:hush\n*:*:*:nexus:new\n*:*:*:genesis:secret\n");
}

TEST(Passfile, a_particular_host_comes_before_every_host) {
    Passfile file = Passfile::parse("*:*:*:replication:here\n");
    file.set({.host = "hub",
              .port = "5432",
              .database = "centralcloud",
              .user = "replication",
              .password = "there"});
    EXPECT_EQ(file.text(), "hub:5432:centralcloud:replication:there\n*:*:*:replication:here\n");
    EXPECT_EQ(file.password_of("replication"), "here");
}

TEST(Passfile, escapes_what_separates_fields) {
    Passfile file;
    file.set({.user = "odd", .password = R"(a:b\c)"});
    EXPECT_EQ(file.text(), "*:*:*:odd:a\\:b\\\\c\n");
    EXPECT_EQ(file.password_of("odd"), R"(a:b\c)");
}

TEST(Passfile, is_written_for_its_owner_alone_and_read_back) {
    char folder[] = "/tmp/passfile-test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const std::filesystem::path path = std::filesystem::path(folder) / "pgpass";
    Passfile file = Passfile::read(path);
    file.set({.user = "nexus", .password = "secret"});
    std::ofstream(path.string() + ".new") << "left behind by a crash";
    file.write();
    EXPECT_EQ(Passfile::read(path).password_of("nexus"), "secret");
    struct stat status{};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace singularity::schema
