// A launcher for each test program, and coroutines run to their end.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "sandbox/box.hpp"
#include "sandbox/launcher.hpp"

namespace singularity::sandbox {

// The client's end of a launcher that lives as long as the program; throws where there can be none.
int shared_launcher();

// For tests of what only a cgroup can do.
#define NEEDS_CGROUPS() \
    if (tier == Tier::rlimits) GTEST_SKIP() << "no cgroup can be used here"

class BoxTest : public testing::Test {
protected:
    void SetUp() override;

    template <typename Result>
    Result await(boost::asio::awaitable<Result> work) {
        std::optional<Result> result;
        std::exception_ptr thrown;
        boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, Result value) {
            thrown = std::move(error);
            if (!thrown) result.emplace(std::move(value));
        });
        io.restart();
        io.run();
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*result);
    }
    void await(boost::asio::awaitable<void> work);

    Workspace open(WorkspaceLimits limits = {}) { return await(sandbox->open(limits, {})); }

    struct Outcome {
        Ending ending;
        std::string out, err;
    };
    Outcome run(Workspace& workspace, Program program, Limits limits = {}, std::string input = "");
    Outcome shell(Workspace& workspace, std::string script, Limits limits = {});

    boost::asio::io_context io{1};
    std::optional<Sandbox> sandbox;
    Tier tier = Tier::rlimits;
};

}  // namespace singularity::sandbox
