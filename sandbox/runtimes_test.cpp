// Runtimes that lie where no slot may go, as below root's home.
#include <unistd.h>

#include <fstream>

#include "core/format.hpp"
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
        begin({.prepared = 0});
    }

    void begin(LauncherOptions options) {
        options.name = closed.filename();
        options.runtimes = closed / "runtimes";
        options.allow_without_cgroups = true;
        auto forked = fork_launcher(options);
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
        end();
        fs::remove_all(closed);
    }

    void end() {
        sandbox.reset();
        launcher.client.reset();
        char nothing = 0;
        while (launcher.ended && ::read(launcher.ended.get(), &nothing, 1) > 0) {
        }
        launcher = {};
    }

    std::string read_word_from(const fs::path& source) {
        Workspace workspace = await(sandbox->open({}, {{source, "/opt/tool"}}));
        return shell(workspace, "cat /opt/tool/word; touch /opt/tool/new 2>/dev/null && echo written").out;
    }

    const fs::path closed = fs::temp_directory_path() / core::format("sandbox-closed-{}", ::getpid());
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

// Its only slot is the prepared box's, so that nobody gets another one.
TEST_F(ClosedRuntimesTest, lie_in_prepared_boxes_which_serve_whoever_asks_for_some_of_them) {
    end();
    const Mount tool{closed / "runtimes/tool", "/opt/tool"}, gone{closed / "runtimes/gone", "/opt/gone"};
    const LauncherOptions options{.first_user = 864'001 + static_cast<uid_t>(::getpid() % 10'000),
                                  .slots = 1,
                                  .prepared = 1,
                                  .prepared_mounts = {tool, gone}};
    begin(options);
    EXPECT_EQ(read_word_from(tool.source), "42\n");
    end();
    begin(options);
    Workspace workspace = await(sandbox->open({}, {}));
    EXPECT_EQ(shell(workspace, "echo here").out, "here\n");
}

}  // namespace

}  // namespace singularity::sandbox
