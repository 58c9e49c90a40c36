// Bootstraps the throw-away cluster once, as `up` does, before the tests look at it.
#include <gtest/gtest.h>

#include "backbone.hpp"
#include "core/log.hpp"

namespace {

using namespace singularity::schema::test;

class Bootstrapped : public testing::Environment {
public:
    void SetUp() override {
        singularity::core::log::configure(singularity::core::log::Level::warn,
                                          singularity::core::log::Format::text, "test");
        configure_server();
        run(singularity::schema::bootstrap(bootstrap_options()));
        Database("shared_queue", "centralcloud").script("select public.ensure_queues()");
    }
};

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    admin_dsn();
    testing::AddGlobalTestEnvironment(new Bootstrapped);
    return RUN_ALL_TESTS();
}
