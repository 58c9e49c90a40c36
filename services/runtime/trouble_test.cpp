// What errors say of the message in hand.
#include "services/runtime/trouble.hpp"

#include <gtest/gtest.h>

namespace singularity::services {
namespace {

using pgclient::Cause;

Trouble trouble(Cause cause, std::string sqlstate, bool connection_lost = false) {
    return trouble_of(pgclient::DbError(
        {.cause = cause, .sqlstate = std::move(sqlstate), .connection_lost = connection_lost}));
}

TEST(Trouble, a_statement_that_takes_too_long_is_a_failure) {
    EXPECT_EQ(trouble(Cause::server, "57014"), Trouble::failure);
    EXPECT_EQ(trouble(Cause::deadline, "57014"), Trouble::failure);
}

TEST(Trouble, a_server_that_does_not_even_cancel_is_away) {
    EXPECT_EQ(trouble(Cause::deadline, "57014", true), Trouble::away);
}

TEST(Trouble, a_server_that_shuts_down_or_has_no_room_is_away) {
    for (const char* sqlstate : {"57P01", "53100", "25006", "40001", "58030"})
        EXPECT_EQ(trouble(Cause::server, sqlstate), Trouble::away) << sqlstate;
    EXPECT_EQ(trouble(Cause::connection, "08006", true), Trouble::away);
    EXPECT_EQ(trouble(Cause::pool, "57P03"), Trouble::away);
}

TEST(Trouble, what_would_fail_again_is_about_content) {
    EXPECT_EQ(trouble(Cause::server, "22P02"), Trouble::content);
    EXPECT_EQ(trouble(Cause::server, "23505"), Trouble::content);
}

}  // namespace
}  // namespace singularity::services
