// Jobs that would outlive their end, however that comes: by themselves, by a limit, by a kill of anybody.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>

#include "sandbox/launcher.hpp"
#include "sandbox/test/attacks/attack.hpp"
#include "sandbox/test/attacks/attacker/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

using namespace std::chrono_literals;

const std::string kStay = "leave_traces mark . stay";

// Without layers the process is there when its parent is gone.
void stays_bare() {
    const BareRun run = BareFolder().run(bare_words("stay_behind silent", Targets()), Ground::plain);
    if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
    EXPECT_THAT(run.left, testing::Not(testing::IsEmpty()));
}

void ends_with_its_parent(const char* line) {
    const BoxRun run = stage().attack(line, Limits{.wall = 5s});
    EXPECT_EQ(run.ending.cause, Cause::exited);
    EXPECT_EQ(run.ending.exit_code, attacker::kGot);
    stage().expect_unharmed(run);
}

std::vector<pid_t> children_of(pid_t process) {
    const std::string id = std::to_string(process);
    std::istringstream file(content_of("/proc/" + id + "/task/" + id + "/children"));
    return {std::istream_iterator<pid_t>(file), {}};
}

// A process with a launcher and a client of its own, whose job stays until it is ended.
struct Household {
    pid_t client = -1, keeper = -1;

    Household();
    ~Household() {
        kill(client, SIGKILL);
        waitpid(client, nullptr, 0);
    }
};

void keep_a_job(int tell) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto options = launcher_options("attacks-" + std::to_string(getpid()));
    options.first_user = 64'700;
    auto forked = fork_launcher(options);
    if (!forked) _exit(1);
    Stage own(forked->client.release(), false);
    Workspace workspace = own.open();
    own.prepare(workspace);
    Streams streams{.output = [&](Stream, std::string_view) -> boost::asio::awaitable<void> {
        if (write(tell, &forked->keeper, sizeof forked->keeper) < 0) _exit(1);
        co_return;
    }};
    own.wait(workspace.run({.arguments = own.arguments_of(kStay)}, Limits{.wall = 60s}, std::move(streams)));
}

Household::Household() {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    client = fork();
    if (client == 0) {
        close(ends[0]);
        try {
            keep_a_job(ends[1]);
        } catch (const std::exception&) {
            // Its launcher was ended, as some of these tests do.
        }
        _exit(0);
    }
    close(ends[1]);
    const bool told = read(ends[0], &keeper, sizeof keeper) == sizeof keeper;
    close(ends[0]);
    if (!told) throw std::runtime_error("no job runs");
}

// Processes of that household's boxes.
bool job_lives(const Household& household) {
    const std::string tag = "/box/attacker-" + std::to_string(household.client);
    for (int process = 1; process < 1 << 16; ++process) {
        const std::string line = content_of("/proc/" + std::to_string(process) + "/cmdline");
        if (line.find(tag) != std::string::npos) return true;
    }
    return false;
}

bool before_long(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        sched_yield();
    }
    return true;
}

void expect_nothing_left(const Household& household) {
    EXPECT_TRUE(before_long([&] { return !job_lives(household); }));
    stage().expect_unharmed();
}

void client_is_killed() {
    const Household household;
    EXPECT_TRUE(job_lives(household));
    kill(household.client, SIGKILL);
    expect_nothing_left(household);
    // The launcher ends with its last client, the keeper with its launcher.
    const std::string keeper = "/proc/" + std::to_string(household.keeper) + "/exe";
    char path[8];
    EXPECT_TRUE(before_long([&] { return readlink(keeper.c_str(), path, sizeof path) < 0; }));
}

void launcher_is_killed() {
    const Household household;
    for (const pid_t launcher : children_of(household.keeper)) kill(launcher, SIGKILL);
    expect_nothing_left(household);
}

void keeper_and_launcher_are_killed() {
    const Household household;
    const auto launchers = children_of(household.keeper);
    kill(household.keeper, SIGKILL);
    for (const pid_t launcher : launchers) kill(launcher, SIGKILL);
    expect_nothing_left(household);
    // Their cgroups wait for the next launcher of that name.
    auto next = fork_launcher(launcher_options("attacks-" + std::to_string(household.client)));
    ASSERT_TRUE(next.has_value());
    next->client.reset();
    pollfd ended{next->ended.get(), POLLIN, 0};
    EXPECT_EQ(poll(&ended, 1, 20'000), 1);
    waitpid(next->keeper, nullptr, 0);
}

void box_is_killed() {
    const Household household;
    for (const pid_t launcher : children_of(household.keeper))
        for (const pid_t box : children_of(launcher)) kill(box, SIGKILL);
    expect_nothing_left(household);
}

// Boxes whose bubblewrap and launcher die while they are made, where no cgroup gathers what is left.
void makers_are_killed() {
    for (int round = 0; round < 10; ++round) {
        auto options = launcher_options("attacks-makers-" + std::to_string(getpid()));
        options.first_user = 64'800;
        options.allow_without_cgroups = true;
        options.best_tier = Tier::rlimits;
        auto forked = fork_launcher(options);
        ASSERT_TRUE(forked.has_value());
        std::vector<pid_t> launchers, boxes;
        ASSERT_TRUE(before_long([&] {
            launchers = children_of(forked->keeper);
            boxes = launchers.empty() ? launchers : children_of(launchers.front());
            return std::ranges::any_of(boxes, [](pid_t box) { return !children_of(box).empty(); });
        }));
        for (const pid_t box : boxes) kill(box, SIGKILL);
        kill(launchers.front(), SIGKILL);
        forked->client.reset();
        pollfd ended{forked->ended.get(), POLLIN, 0};
        EXPECT_EQ(poll(&ended, 1, 20'000), 1);
        waitpid(forked->keeper, nullptr, 0);
    }
    stage().expect_unharmed();
}

// The workspace goes while its job runs.
void workspace_is_dropped() {
    {
        Workspace workspace = stage().open();
        stage().prepare(workspace);
        bool running = false;
        Streams streams{.output = [&running](Stream, std::string_view) -> boost::asio::awaitable<void> {
            running = true;
            throw std::runtime_error("the client breaks off");
            co_return;
        }};
        EXPECT_ANY_THROW(stage().wait(workspace.run({.arguments = stage().arguments_of(kStay)},
                                                    Limits{.wall = 30s}, std::move(streams))));
        EXPECT_TRUE(running);
    }
    stage().await_last_process();
    stage().expect_unharmed();
}

Attack survives(const char* name, std::function<void()> in_box, const char* layers) {
    return {.category = {},
            .name = name,
            .layers = layers,
            .result = "gone",
            .in_box = std::move(in_box),
            .bare = stays_bare};
}

}  // namespace

std::vector<Attack> survival_attacks() {
    const char* inside = "process 1, kill of the cgroup, process namespace";
    const char* outside = "death signals, process namespace, kill of the cgroup";
    return in_category(
        "outliving",
        {survives(
             "forks_twice_in_a_new_session", [] { ends_with_its_parent("stay_behind"); }, inside),
         survives(
             "lets_go_of_its_output", [] { ends_with_its_parent("stay_behind silent"); }, inside),
         survives("outlives_a_client_that_breaks_off", workspace_is_dropped, inside),
         survives("outlives_a_killed_client", client_is_killed, outside),
         survives("outlives_a_killed_launcher", launcher_is_killed, outside),
         survives("outlives_a_killed_keeper", keeper_and_launcher_are_killed, outside),
         survives("outlives_a_killed_bubblewrap", box_is_killed, outside),
         survives("outlives_its_makers", makers_are_killed, "death signals, keeper")});
}

}  // namespace singularity::sandbox::attacks
