// These tests make and unmake the backbone themselves.
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "core/log.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    singularity::core::log::configure(singularity::core::log::Level::error,
                                      singularity::core::log::Format::text, "test");
    singularity::schema::test::admin_dsn();
    singularity::schema::test::configure_server();
    return RUN_ALL_TESTS();
}
