// Jobs that look for other jobs: the one before in the same place, the one beside.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sandbox/launcher.hpp"
#include "sandbox/test/attacks/attack.hpp"
#include "sandbox/test/attacks/attacker/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

const std::string kLeave = "leave_traces mark . /tmp /dev/shm /var/tmp /dev / objects";
const std::string kFind = "find_traces mark";

void expect_no_trace(const BoxRun& run) {
    EXPECT_EQ(run.ending.exit_code, attacker::kDenied) << run.out;
    EXPECT_THAT(run.out, testing::HasSubstr("denied no trace"));
}

// Without layers the next one finds what this one left.
void traces_bare() {
    const Targets targets;
    const BareFolder folder;
    if (folder.run(bare_words("leave_traces mark .", targets), Ground::plain).code == -1)
        GTEST_SKIP() << "no cgroup to hold a bare attack";
    EXPECT_EQ(folder.run(bare_words(kFind, targets), Ground::plain).code, attacker::kGot);
}

void next_workspace() {
    expect_no_trace(stage().attack("find_traces mark"));
    stage().attack(kLeave);
    expect_no_trace(stage().attack(kFind));
    stage().expect_unharmed();
}

// A slot is free when all of its last job is gone, a moment after its workspace.
BoxRun attack_when_free(Stage& narrow, const std::string& line) {
    for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);;) try {
            return narrow.attack(line);
        } catch (const SandboxError&) {
            if (std::chrono::steady_clock::now() > deadline) throw;
        }
}

// With one slot the next workspace has the same user, the same folder, the same everything.
void next_workspace_of_the_slot() {
    auto options = launcher_options("attacks-narrow-" + std::to_string(getpid()));
    options.first_user = 64'900;
    options.slots = 1;
    options.prepared = 0;
    auto forked = fork_launcher(options);
    ASSERT_TRUE(forked.has_value());
    Stage narrow(forked->client.release());
    EXPECT_EQ(narrow.attack(kLeave).ending.exit_code, attacker::kGot);
    expect_no_trace(attack_when_free(narrow, kFind));
    narrow.expect_unharmed();
}

// Within a workspace files stay, as they must from compiling to running; nothing else does.
void next_run_of_the_workspace() {
    Workspace workspace = stage().open();
    stage().prepare(workspace);
    stage().run(workspace, stage().arguments_of("leave_traces mark /tmp /dev/shm /var/tmp objects"), {});
    stage().run(workspace, stage().arguments_of("stay_behind silent"), {});
    expect_no_trace(stage().run(workspace, stage().arguments_of(kFind), {}));
    stage().expect_unharmed();
}

void workspace_beside() {
    using namespace std::chrono_literals;
    Workspace first = stage().open();
    stage().prepare(first);
    bool planted = false;
    boost::asio::cancellation_signal stop;
    Streams streams{.output = [&planted](Stream, std::string_view) -> boost::asio::awaitable<void> {
        planted = true;
        co_return;
    }};
    Program program{.arguments = stage().arguments_of(kLeave + " stay")};
    auto running = boost::asio::co_spawn(
        stage().context(), first.run(std::move(program), Limits{.wall = 30s}, std::move(streams)),
        boost::asio::bind_cancellation_slot(stop.slot(), boost::asio::use_future));
    stage().context().restart();
    while (!planted && running.wait_for(0s) != std::future_status::ready) stage().context().run_one();
    EXPECT_TRUE(planted);
    expect_no_trace(stage().attack(kFind));
    stop.emit(boost::asio::cancellation_type::terminal);
    stage().context().restart();
    while (running.wait_for(0s) != std::future_status::ready) stage().context().run_one();
    EXPECT_EQ(running.get().cause, Cause::cancelled);
    stage().expect_unharmed();
}

Attack unseen(const char* name, void (*in_box)(), const char* layers) {
    return {.category = {},
            .name = name,
            .layers = layers,
            .result = "no trace",
            .in_box = in_box,
            .bare = traces_bare};
}

}  // namespace

std::vector<Attack> tenant_attacks() {
    const char* layers = "mounts, process, network and IPC namespaces";
    return in_category("other jobs", {unseen("looks_for_the_job_before", next_workspace, layers),
                                      unseen("looks_for_the_job_before_in_the_same_slot",
                                             next_workspace_of_the_slot, layers),
                                      unseen("looks_for_the_run_before", next_run_of_the_workspace, layers),
                                      unseen("looks_for_the_job_beside", workspace_beside, layers)});
}

}  // namespace singularity::sandbox::attacks
