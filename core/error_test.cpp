#include "core/error.hpp"

#include <gtest/gtest.h>

namespace singularity::core {
namespace {

TEST(Error, scripts_can_tell_outcomes_apart_by_exit_code) {
    EXPECT_EQ(exit_code(ErrorCode::failed), 1);
    EXPECT_EQ(exit_code(ErrorCode::invalid_input), 2);
    EXPECT_EQ(exit_code(ErrorCode::not_running), 3);
    EXPECT_EQ(exit_code(ErrorCode::not_found), 4);
    EXPECT_EQ(exit_code(ErrorCode::refused), 5);
}

TEST(Error, clients_can_tell_outcomes_apart_by_http_status) {
    EXPECT_EQ(http_status(ErrorCode::invalid_input), 400);
    EXPECT_EQ(http_status(ErrorCode::not_found), 404);
    EXPECT_EQ(http_status(ErrorCode::not_running), 503);
}

}  // namespace
}  // namespace singularity::core
