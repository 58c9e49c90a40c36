// One launcher a name, and what becomes of a name whose owners were killed.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/wait.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "core/format.hpp"
#include "sandbox/gone_owners.hpp"
#include "sandbox/holder.hpp"
#include "sandbox/small_file.hpp"
#include "sandbox/test/box_fixture.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

template <typename Holds>
bool comes_true(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

std::string unique(std::string_view name) {
    return core::format("owners-{}-{}", name, ::getpid());
}

// Users of this process alone.
LauncherOptions options_of(std::string_view name) {
    const uid_t first = 874'001 + static_cast<uid_t>(::getpid() % 10'000) * 8;
    return {.name = unique(name),
            .first_user = first,
            .slots = 8,
            .prepared = 0,
            .allow_without_cgroups = true,
            .silent = true};
}

bool groups_left(std::string_view name) {
    const auto is_there = [](const CgroupPlaces& places) {
        return !places.unified.empty() || !places.memory.empty() || !places.pids.empty();
    };
    return std::ranges::any_of(places_of_groups(unique(name)), is_there);
}

bool lock_left(std::string_view name) {
    return fs::exists(lock_of(lock_folder(options_of(name)), unique(name)));
}

std::vector<pid_t> children_of(pid_t parent) {
    std::istringstream text(
        read_small_file(core::format("/proc/{0}/task/{0}/children", parent)).value_or(""));
    std::vector<pid_t> found;
    for (pid_t pid; text >> pid;) found.push_back(pid);
    return found;
}

// A line of its status, in hexadecimal digits.
std::uint64_t rights_of(pid_t process, std::string_view which) {
    std::istringstream status(read_small_file(core::format("/proc/{}/status", process)).value_or(""));
    for (std::string word; status >> word;) {
        if (word != which) continue;
        std::uint64_t rights = 0;
        status >> std::hex >> rights;
        return rights;
    }
    return ~std::uint64_t{0};
}

class OwnersTest : public BoxTest {
protected:
    void SetUp() override {}

    ForkedLauncher start(std::string_view name) { return std::move(fork_launcher(options_of(name)).value()); }

    Sandbox client_of(const ForkedLauncher& launcher) {
        return {io.get_executor(), ::fcntl(launcher.client.get(), F_DUPFD_CLOEXEC, 0)};
    }

    // Skips where there can be none.
    void expect_tier(const ForkedLauncher& launcher) {
        Sandbox client = client_of(launcher);
        try {
            tier = await(client.tier());
        } catch (const SandboxError& error) {
            GTEST_SKIP() << error.what();
        }
    }

    void end(ForkedLauncher& launcher) {
        launcher.client.reset();
        int status = -1;
        EXPECT_EQ(::waitpid(launcher.keeper, &status, 0), launcher.keeper);
        EXPECT_EQ(status, 0);
    }

    // With a box that runs.
    void kill_both(ForkedLauncher& launcher) {
        Sandbox client = client_of(launcher);
        const Workspace workspace = await(client.open({}, {}));
        const auto children = children_of(launcher.keeper);
        ASSERT_EQ(children.size(), 1U);
        ::kill(launcher.keeper, SIGKILL);
        ::waitpid(launcher.keeper, nullptr, 0);
        ::kill(children[0], SIGKILL);
    }
};

TEST_F(OwnersTest, what_killed_owners_left_is_swept_by_whoever_comes_next) {
    ForkedLauncher gone = start("gone");
    expect_tier(gone);
    if (IsSkipped()) return;
    kill_both(gone);
    const auto folder = lock_folder(options_of("gone"));
    EXPECT_TRUE(comes_true([&] {
        ForkedLauncher next = start("next");
        end(next);
        return !lock_left("gone");  // held until the last of them is gone
    }));
    EXPECT_FALSE(groups_left("gone"));
    EXPECT_FALSE(lock_left("next"));
    EXPECT_TRUE(comes_true([&] { return !fs::exists(folder / std::to_string(options_of("").first_user)); }));
}

TEST_F(OwnersTest, a_sweep_leaves_the_living_alone) {
    ForkedLauncher living = start("living");
    expect_tier(living);
    if (IsSkipped()) return;
    {
        Sandbox client = client_of(living);
        Workspace workspace = await(client.open({}, {}));
        sweep_after_gone_owners(lock_folder(options_of("living")));
        EXPECT_TRUE(lock_left("living"));
        EXPECT_EQ(groups_left("living"), tier != Tier::rlimits);
        EXPECT_EQ(shell(workspace, "echo here").out, "here\n");
    }
    end(living);
}

TEST_F(OwnersTest, what_has_no_lock_here_is_left_alone) {
    const CgroupPlaces others = find_cgroups(unique("others"), Tier::cgroup_v2);
    if (others.tier == Tier::rlimits) GTEST_SKIP() << "no cgroup can be used here";
    sweep_after_gone_owners(lock_folder(options_of("others")));
    EXPECT_TRUE(groups_left("others"));
    sweep_cgroups(others);
    EXPECT_FALSE(groups_left("others"));
}

TEST_F(OwnersTest, a_second_one_of_a_name_says_that_it_waits_and_then_serves) {
    ForkedLauncher first = start("twice");
    expect_tier(first);
    if (IsSkipped()) return;
    ForkedLauncher second = start("twice");
    {
        Sandbox client = client_of(second);
        try {
            await(client.tier());
            ADD_FAILURE() << "two launchers have one name";
        } catch (const SandboxError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("waits for the end of a launcher"));
        }
        end(first);
        EXPECT_TRUE(comes_true([&] {
            try {
                return await(client.tier()) == tier;
            } catch (const SandboxError&) {
                return false;
            }
        }));
    }
    end(second);
}

TEST_F(OwnersTest, a_second_one_that_nobody_needs_ends_beside_the_first) {
    ForkedLauncher first = start("beside");
    expect_tier(first);
    if (IsSkipped()) return;
    ForkedLauncher second = start("beside");
    end(second);
    EXPECT_TRUE(lock_left("beside"));
    expect_tier(first);
    end(first);
}

TEST_F(OwnersTest, one_that_waits_begins_with_its_output_or_not_at_all) {
    LauncherOptions options = options_of("told");
    options.on_begin = [] { [[maybe_unused]] const auto said = ::write(STDERR_FILENO, "begun", 5); };
    {
        ForkedLauncher never = std::move(fork_waiting_launcher(options).value());
        never.orders.reset();
        end(never);
        EXPECT_FALSE(lock_left("told"));
    }
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const core::Descriptor reading(ends[0]);
    core::Descriptor writing(ends[1]);
    ForkedLauncher told = std::move(fork_waiting_launcher(options).value());
    told.begin(writing.get());
    writing.reset();
    std::string text(5, '\0');
    EXPECT_EQ(::read(reading.get(), text.data(), text.size()), 5);
    EXPECT_EQ(text, "begun");
    end(told);
}

TEST_F(OwnersTest, root_s_keeper_and_launcher_keep_few_rights) {
    if (::geteuid() != 0) GTEST_SKIP() << "others have none to keep";
    ForkedLauncher launcher = start("few");
    expect_tier(launcher);
    if (IsSkipped()) return;
    std::uint64_t kept = 0;
    for (const int right : {CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_RESOURCE})
        kept |= std::uint64_t{1} << right;
    const std::uint64_t to_begin =
        kept | std::uint64_t{1} << CAP_SETPCAP | std::uint64_t{1} << CAP_DAC_OVERRIDE;
    const pid_t child = children_of(launcher.keeper).at(0);
    for (const char* which : {"CapPrm:", "CapEff:", "CapBnd:", "CapInh:", "CapAmb:"}) {
        EXPECT_EQ(rights_of(launcher.keeper, which) & ~to_begin, 0U) << which;
        EXPECT_EQ(rights_of(child, which) & ~kept, 0U) << which;
    }
    end(launcher);
}

}  // namespace

}  // namespace singularity::sandbox
