// Whoever is killed, nothing is left: no process, no cgroup, no mount, no lock.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "core/format.hpp"
#include "sandbox/small_file.hpp"
#include "sandbox/test/box_fixture.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Users of this process alone, so that what is left can be told, also beside another run.
const uid_t kFirst = 74'001 + static_cast<uid_t>(::getpid() % 10'000) * 64;
constexpr unsigned kSlots = 8;
const std::string kName = core::format("faults-{}", ::getpid());

std::vector<pid_t> processes_of_slots() {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        struct stat owner{};
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (::stat(entry.path().c_str(), &owner) != 0) continue;
        if (owner.st_uid >= kFirst && owner.st_uid < kFirst + kSlots) found.push_back(std::stoi(name));
    }
    return found;
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    const auto text = read_small_file(core::format("/proc/{0}/task/{0}/children", parent)).value_or("");
    std::istringstream stream(text);
    for (pid_t pid; stream >> pid;) found.push_back(pid);
    return found;
}

bool cgroups_left() {
    const CgroupMounts mounts = cgroup_mounts(read_small_file("/proc/self/mountinfo").value_or(""));
    for (const fs::path& mount : {mounts.unified, mounts.memory, mounts.pids}) {
        if (!mount.empty() && fs::exists(mount / ("singularity-" + kName))) return true;
    }
    return false;
}

bool mounts_left() {
    return read_small_file("/proc/self/mountinfo").value_or("").contains("singularity-sandbox");
}

bool locks_left() {
    for (unsigned slot = 0; slot < kSlots; ++slot) {
        const std::string path = core::format("/run/singularity-sandbox/{}", kFirst + slot);
        const core::Descriptor lock(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return true;
    }
    return false;
}

template <typename Holds>
bool comes_true(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

class FaultsTest : public BoxTest {
protected:
    void SetUp() override { begin(Tier::cgroup_v2); }

    void begin(Tier best) {
        if (::geteuid() != 0) GTEST_SKIP() << "the root tier needs root";
        auto forked = fork_launcher({.name = kName,
                                     .first_user = kFirst,
                                     .slots = kSlots,
                                     .prepared = 0,
                                     .allow_without_cgroups = true,
                                     .best_tier = best});
        ASSERT_TRUE(forked);
        launcher = std::move(*forked);
        sandbox.emplace(io.get_executor(), ::fcntl(launcher.client.get(), F_DUPFD_CLOEXEC, 0));
    }

    void TearDown() override {
        if (launcher.keeper < 0) return;  // skipped
        sandbox.reset();
        launcher.client.reset();
        int status = 0;
        ASSERT_TRUE(comes_true([&] { return ::waitpid(launcher.keeper, &status, WNOHANG) != 0; }));
        EXPECT_EQ(status, 0);
        EXPECT_THAT(processes_of_slots(), testing::IsEmpty());
        EXPECT_FALSE(cgroups_left());
        EXPECT_FALSE(mounts_left());
        EXPECT_TRUE(comes_true([] { return !locks_left(); }));  // a sweep may hold one for a moment
        EXPECT_FALSE(fs::exists("/run/singularity-sandbox/launcher-" + kName));
    }

    // A program that fights its end; `meanwhile` is called once it runs.
    Ending run_while(Workspace& workspace, std::function<void()> meanwhile) {
        Streams streams{.output = [&](Stream, std::string_view) -> boost::asio::awaitable<void> {
            meanwhile();
            co_return;
        }};
        const Program stubborn{
            .arguments = {"/bin/bash", "-c",
                          "trap '' TERM HUP INT; (setsid sleep 300 &); echo up; sleep 300"},
            .environment = {"PATH=/usr/bin"}};
        return await(workspace.run(stubborn, {.wall = 200s}, std::move(streams)));
    }

    ForkedLauncher launcher;
};

// Each tier that this machine has, down to none.
class TierTest : public FaultsTest, public testing::WithParamInterface<Tier> {
protected:
    void SetUp() override {
        begin(GetParam());
        if (IsSkipped()) return;
        tier = await(sandbox->tier());
        if (tier != GetParam()) GTEST_SKIP() << "this machine has no " << name_of(GetParam());
    }
};

TEST_P(TierTest, runs_ends_and_leaves_nothing) {
    Workspace workspace = open();
    const auto outcome = shell(workspace, "echo here");
    EXPECT_EQ(outcome.out, "here\n");
    EXPECT_EQ(outcome.ending.tier, GetParam());
    EXPECT_GT(outcome.ending.usage.cpu.count(), 0);
    const auto stubborn =
        shell(workspace, "trap '' TERM; (setsid sleep 300 &); sleep 300", {.wall = 200ms}).ending;
    EXPECT_EQ(stubborn.cause, Cause::wall_limit);
    if (tier == Tier::rlimits) return;
    const auto burned =
        shell(workspace, "for i in 1 2 3; do while :; do :; done & done; wait", {.cpu = 200ms}).ending;
    EXPECT_EQ(burned.cause, Cause::cpu_limit);
    const auto swollen = shell(workspace, "head -c 1G /dev/zero | tail", {.memory_bytes = 64 * kMiB}).ending;
    EXPECT_EQ(swollen.cause, Cause::memory_limit);
    EXPECT_GE(swollen.usage.memory_peak_bytes, 60 * kMiB);
}

INSTANTIATE_TEST_SUITE_P(Tiers, TierTest,
                         testing::Values(Tier::cgroup_v2, Tier::cgroup_v1_v2kill, Tier::cgroup_v1,
                                         Tier::rlimits),
                         [](const auto& tier) { return std::string(name_of(tier.param)); });

TEST_F(FaultsTest, an_orderly_end_leaves_nothing) {
    Workspace workspace = open();
    EXPECT_EQ(shell(workspace, "echo here").out, "here\n");
}

TEST_F(FaultsTest, a_killed_launcher_takes_its_boxes_along_and_another_one_goes_on) {
    Workspace workspace = open();
    EXPECT_THROW(run_while(workspace, [&] { ::kill(children_of(launcher.keeper).at(0), SIGKILL); }),
                 SandboxError);
    Workspace another = open();
    EXPECT_EQ(shell(another, "echo again").out, "again\n");
    EXPECT_THROW(shell(workspace, "echo lost"), SandboxError);
}

TEST_F(FaultsTest, a_launcher_that_cannot_begin_says_why_and_ends_with_its_client) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    core::Descriptor theirs(ends[1]);
    const pid_t keeper = ::fork();
    if (keeper == 0) {
        ::close(ends[0]);
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{.rlim_cur = 1'000, .rlim_max = 1'000};
        ::setrlimit(RLIMIT_FSIZE, &small);  // process 1 cannot be laid down
        ::_exit(keep_launcher({.name = kName + "-crippled", .first_user = kFirst}, std::move(theirs)) ? 0
                                                                                                      : 1);
    }
    theirs.reset();
    std::optional<Sandbox> crippled(std::in_place, io.get_executor(), ends[0]);
    EXPECT_THROW(await(crippled->open({}, {})), SandboxError);
    crippled.reset();
    int status = -1;
    EXPECT_TRUE(comes_true([&] { return ::waitpid(keeper, &status, WNOHANG) == keeper; }));
    EXPECT_EQ(status, 0);
}

TEST_F(FaultsTest, a_killed_bubblewrap_is_the_machinery_s_failure) {
    Workspace workspace = open();
    EXPECT_THROW(run_while(workspace,
                           [&] {
                               for (const pid_t pid : processes_of_slots()) {
                                   const auto name = read_small_file(core::format("/proc/{}/comm", pid));
                                   if (name == "bwrap\n") ::kill(pid, SIGKILL);
                               }
                           }),
                 SandboxError);
    Workspace another = open();
    EXPECT_EQ(shell(another, "echo again").out, "again\n");
}

TEST_F(FaultsTest, a_killed_process_1_is_the_machinery_s_failure) {
    Workspace workspace = open();
    EXPECT_THROW(run_while(workspace,
                           [&] {
                               for (const pid_t pid : processes_of_slots()) {
                                   const auto name = read_small_file(core::format("/proc/{}/comm", pid));
                                   if (name == "sginit\n") ::kill(pid, SIGKILL);
                               }
                           }),
                 SandboxError);
    EXPECT_EQ(shell(workspace, "echo again").out, "again\n");
}

TEST_F(FaultsTest, a_box_that_dies_between_runs_is_told_at_once_and_replaced) {
    Workspace workspace = open();
    shell(workspace, "echo 1 > kept");
    for (const pid_t pid : processes_of_slots()) ::kill(pid, SIGKILL);
    EXPECT_THROW(await(workspace.take({"kept"}, 10)), SandboxError);
    EXPECT_EQ(await(workspace.take({"kept"}, 10)).at(0).content, "1\n");
}

TEST_F(FaultsTest, a_killed_client_takes_its_box_along) {
    const pid_t client = ::fork();
    if (client == 0) {
        Workspace workspace = open();
        run_while(workspace, [] { ::kill(::getpid(), SIGKILL); });
        ::_exit(0);
    }
    ::waitpid(client, nullptr, 0);
    EXPECT_TRUE(comes_true([] { return processes_of_slots().empty(); }));
}

TEST_F(FaultsTest, a_workspace_that_is_destroyed_ends_its_box) {
    {
        Workspace workspace = open();
    }
    EXPECT_TRUE(comes_true([] { return processes_of_slots().empty(); }));
}

TEST_F(FaultsTest, hands_out_no_more_than_its_slots_and_takes_them_back) {
    std::vector<Workspace> workspaces;
    EXPECT_THROW(for (unsigned i = 0; i <= kSlots; ++i) workspaces.push_back(open()), SandboxError);
    EXPECT_GE(workspaces.size(), kSlots - 1);
    workspaces.clear();
    EXPECT_TRUE(comes_true([&] {
        try {
            Workspace workspace = open();
            return true;
        } catch (const SandboxError&) {
            return false;
        }
    }));
}

}  // namespace

}  // namespace singularity::sandbox
