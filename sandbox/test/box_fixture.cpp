#include "sandbox/test/box_fixture.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "core/format.hpp"

namespace singularity::sandbox {

int shared_launcher() {
    static const core::Expected<ForkedLauncher> launcher = [] {
        return fork_launcher({.name = core::format("test-{}", ::getpid()), .allow_without_cgroups = true});
    }();
    if (!launcher) throw SandboxError(launcher.error().message);
    return ::fcntl(launcher->client.get(), F_DUPFD_CLOEXEC, 0);
}

void BoxTest::SetUp() {
    sandbox.emplace(io.get_executor(), shared_launcher());
    try {
        tier = await(sandbox->tier());
    } catch (const SandboxError& error) {
        GTEST_SKIP() << error.what();
    }
}

void BoxTest::await(boost::asio::awaitable<void> work) {
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) { thrown = std::move(error); });
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
}

BoxTest::Outcome BoxTest::run(Workspace& workspace, Program program, Limits limits, std::string input) {
    Outcome outcome{};
    Streams streams{.input = std::move(input),
                    .output = [&](Stream stream, std::string_view piece) -> boost::asio::awaitable<void> {
                        (stream == Stream::out ? outcome.out : outcome.err) += piece;
                        co_return;
                    }};
    outcome.ending = await(workspace.run(std::move(program), limits, std::move(streams)));
    return outcome;
}

BoxTest::Outcome BoxTest::shell(Workspace& workspace, std::string script, Limits limits) {
    return run(workspace,
               {.arguments = {"/bin/bash", "-c", std::move(script)}, .environment = {"PATH=/usr/bin"}},
               limits);
}

}  // namespace singularity::sandbox
