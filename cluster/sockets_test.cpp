#include "cluster/sockets.hpp"

#include <gtest/gtest.h>

namespace singularity::cluster {
namespace {

Home home_of_length(std::size_t length) {
    return Home::at("/" + std::string(length - 1, 'h')).value();
}

TEST(ChooseSockets, root_has_them_below_run) {
    const Home home = Home::at("/var/lib/singularity").value();
    EXPECT_EQ(choose_sockets(home, {.root = true}), std::filesystem::path("/run/singularity/" + home.hash()));
}

TEST(ChooseSockets, others_have_them_in_their_runtime_folder_or_else_in_the_home) {
    const Home home = Home::at("/home/ada/.local/share/singularity").value();
    EXPECT_EQ(choose_sockets(home, {.runtime_folder = "/run/user/1000"}),
              std::filesystem::path("/run/user/1000/singularity/" + home.hash()));
    EXPECT_EQ(choose_sockets(home, {}), home.root());
}

TEST(ChooseSockets, a_runtime_folder_that_goes_at_logout_is_the_last_choice) {
    const SocketWishes wishes{.runtime_folder = "/run/user/1000", .vanishes_at_logout = true};
    const Home home = Home::at("/home/ada/singularity").value();
    EXPECT_EQ(choose_sockets(home, wishes), home.root());
    const Home deep = home_of_length(150);
    EXPECT_EQ(choose_sockets(deep, wishes),
              std::filesystem::path("/run/user/1000/singularity/" + deep.hash()));
}

TEST(ChooseSockets, a_socket_path_may_have_107_bytes_and_no_more) {
    const std::size_t longest = 107 - std::string("/.s.PGSQL.5432").size();
    EXPECT_TRUE(choose_sockets(home_of_length(longest), {}));
    const auto refused = choose_sockets(home_of_length(longest + 1), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::ErrorCode::refused);
    EXPECT_TRUE(refused.error().message.contains("has 108 bytes, at most 107"));
    EXPECT_TRUE(refused.error().details.front().contains(std::to_string(longest)));
}

}  // namespace
}  // namespace singularity::cluster
