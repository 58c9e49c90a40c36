// Runtimes that lie where no slot may go, as below root's home.
#include <unistd.h>

#include <fstream>

#include "sandbox/test/box_fixture.hpp"

namespace singularity::sandbox {

namespace {

namespace fs = std::filesystem;

class ClosedRuntimesTest : public BoxTest {
protected:
    void SetUp() override {
        fs::create_directories(closed / "runtimes/tool");
        fs::create_directories(closed / "beside");
        fs::permissions(closed, fs::perms::owner_all);
        std::ofstream(closed / "runtimes/tool/word") << "42\n";
        std::ofstream(closed / "beside/word") << "secret\n";
        auto forked = fork_launcher({.name = closed.filename(),
                                     .runtimes = closed / "runtimes",
                                     .prepared = 0,
                                     .allow_without_cgroups = true});
        if (!forked) GTEST_SKIP() << forked.error().message;
        sandbox.emplace(io.get_executor(), ::dup(forked->client.get()));
        launcher = std::move(*forked);
        try {
            tier = await(sandbox->tier());
        } catch (const SandboxError& error) {
            GTEST_SKIP() << error.what();
        }
    }

    void TearDown() override {
        sandbox.reset();
        launcher.client.reset();
        char nothing = 0;
        while (launcher.ended && ::read(launcher.ended.get(), &nothing, 1) > 0) {
        }
        fs::remove_all(closed);
    }

    std::string read_word_from(const fs::path& source) {
        Workspace workspace = await(sandbox->open({}, {{source, "/opt/tool"}}));
        return shell(workspace, "cat /opt/tool/word; touch /opt/tool/new 2>/dev/null && echo written").out;
    }

    const fs::path closed = fs::temp_directory_path() / std::format("sandbox-closed-{}", ::getpid());
    ForkedLauncher launcher{};
};

TEST_F(ClosedRuntimesTest, are_seen_in_a_box_and_cannot_be_written) {
    EXPECT_EQ(read_word_from(closed / "runtimes/tool"), "42\n");
}

TEST_F(ClosedRuntimesTest, open_nothing_beside_them) {
    if (::geteuid() != 0) GTEST_SKIP() << "without root a box has our own id, which may go there";
    EXPECT_THROW(read_word_from(closed / "beside"), SandboxError);
    EXPECT_THROW(read_word_from(closed / "runtimes/../beside"), SandboxError);
}

}  // namespace

}  // namespace singularity::sandbox
