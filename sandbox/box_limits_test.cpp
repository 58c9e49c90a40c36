// What a box does with a program that wants more than it may have.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sandbox/small_file.hpp"
#include "sandbox/test/box_fixture.hpp"

namespace singularity::sandbox {

namespace {

using namespace std::chrono_literals;

constexpr Limits kSmall{.cpu = 2s, .wall = 5s, .memory_bytes = 64 * kMiB, .processes = 16};

TEST_F(BoxTest, tells_exit_code_and_signal) {
    Workspace workspace = open();
    const auto exited = shell(workspace, "exit 139").ending;
    EXPECT_EQ(exited.cause, Cause::exited);
    EXPECT_EQ(exited.exit_code, 139);
    const auto killed = shell(workspace, "kill -SEGV $$").ending;
    EXPECT_EQ(killed.cause, Cause::signalled);
    EXPECT_EQ(killed.signal, SIGSEGV);
}

TEST_F(BoxTest, says_what_cannot_be_executed) {
    Workspace workspace = open();
    const auto outcome = run(workspace, {.arguments = {"/box/none"}});
    EXPECT_EQ(outcome.ending.exit_code, 127);
    EXPECT_EQ(outcome.err, "cannot execute /box/none: No such file or directory\n");
}

TEST_F(BoxTest, gives_input_folder_and_environment_and_nothing_else) {
    Workspace workspace = open();
    const auto outcome = run(
        workspace,
        {.arguments = {"/bin/sh", "-c", "cat; pwd; /usr/bin/env"}, .environment = {"A=b"}, .folder = "/tmp"},
        {}, "some input\n");
    EXPECT_EQ(outcome.out, "some input\n/tmp\nA=b\nPWD=/tmp\n") << outcome.err;
}

TEST_F(BoxTest, ends_what_burns_the_processor_in_many_processes) {
    NEEDS_CGROUPS();
    Workspace workspace = open();
    Limits limits = kSmall;
    limits.cpu = 300ms;
    const auto ending =
        shell(workspace, "for i in 1 2 3 4; do while :; do :; done & done; wait", limits).ending;
    EXPECT_EQ(ending.cause, Cause::cpu_limit);
    EXPECT_GE(ending.usage.cpu, 300ms);
}

TEST_F(BoxTest, ends_what_sleeps_too_long_and_all_that_it_left) {
    Workspace workspace = open();
    Limits limits = kSmall;
    limits.wall = 300ms;
    const auto ending =
        shell(workspace, "trap '' TERM INT HUP; (setsid sleep 100 &) ; sleep 100", limits).ending;
    EXPECT_EQ(ending.cause, Cause::wall_limit);
    EXPECT_GE(ending.usage.wall, 300ms);
    EXPECT_EQ(shell(workspace, "echo /proc/[0-9]*").out, "/proc/1 /proc/2\n");
}

TEST_F(BoxTest, ends_what_takes_too_much_memory_and_counts_it) {
    NEEDS_CGROUPS();
    Workspace workspace = open();
    const auto ending =
        run(workspace, {.arguments = {"/usr/bin/python3", "-c", "x = bytearray(200 << 20)"}}, kSmall).ending;
    EXPECT_EQ(ending.cause, Cause::memory_limit);
    EXPECT_GE(ending.usage.oom_kills, 1);
    EXPECT_LE(ending.usage.memory_peak_bytes, kSmall.memory_bytes);
}

// On a machine that keeps CAP_SYS_RESOURCE from us the program can take its offer back.
bool holds_resource_right() {
    const std::string status = read_small_file("/proc/self/status").value_or("");
    const auto at = status.find("CapEff:");
    return at != std::string::npos && (std::stoull(status.substr(at + 7), nullptr, 16) >> 24 & 1) != 0;
}

TEST_F(BoxTest, ends_before_the_host_when_the_machines_memory_runs_out) {
    Workspace workspace = open();
    const auto offered = shell(workspace, "cat /proc/1/oom_score_adj /proc/self/oom_score_adj");
    EXPECT_EQ(offered.out, "500\n1000\n");
    if (!holds_resource_right()) return;
    const auto taken_back = shell(workspace, "echo 499 > /proc/self/oom_score_adj");
    EXPECT_NE(taken_back.ending.exit_code, 0);
    EXPECT_THAT(taken_back.err, testing::HasSubstr("Permission denied"));
}

TEST_F(BoxTest, bounds_processes) {
    NEEDS_CGROUPS();
    Workspace workspace = open();
    const auto outcome = shell(workspace, "for i in $(seq 40); do sleep 1 & done; wait", kSmall);
    EXPECT_THAT(outcome.err, testing::HasSubstr("Resource temporarily unavailable"));
    EXPECT_LE(outcome.ending.usage.processes_peak, kSmall.processes);
}

TEST_F(BoxTest, ends_a_flood_of_output_and_keeps_its_beginning) {
    Workspace workspace = open();
    Limits limits = kSmall;
    limits.output_bytes = 100'000;
    const auto outcome = run(workspace, {.arguments = {"/usr/bin/yes"}}, limits);
    EXPECT_EQ(outcome.ending.cause, Cause::output_limit);
    EXPECT_EQ(outcome.out.size(), 100'000);
    EXPECT_TRUE(outcome.ending.out.truncated);
    EXPECT_GT(outcome.ending.out.bytes, 100'000);
}

TEST_F(BoxTest, bounds_files_and_the_workspace) {
    Workspace workspace = open({.bytes = kMiB, .files = 20});
    Limits limits = kSmall;
    limits.file_bytes = 100'000;
    EXPECT_EQ(shell(workspace, "exec head -c 200000 /dev/zero > big", limits).ending.signal, SIGXFSZ);
    const auto full = shell(workspace, "head -c 2000000 /dev/zero > full", kSmall);
    EXPECT_THAT(full.err, testing::HasSubstr("No space left"));
    const auto many = shell(workspace, "rm -f full; for i in $(seq 40); do echo > f$i; done", kSmall);
    EXPECT_THAT(many.err, testing::HasSubstr("No space left"));
}

TEST_F(BoxTest, starts_anew_for_each_run_but_for_the_workspace) {
    Workspace workspace = open();
    shell(workspace, "echo 1 > kept; echo 1 > /tmp/gone; echo 1 > /dev/shm/gone; (sleep 100 &)");
    EXPECT_EQ(shell(workspace, "ls /box /tmp /dev/shm; echo /proc/[0-9]*").out,
              "/box:\nkept\n\n/dev/shm:\n\n/tmp:\n/proc/1 /proc/2\n");
}

TEST_F(BoxTest, cancelling_ends_the_box_and_says_so) {
    Workspace workspace = open();
    boost::asio::cancellation_signal signal;
    Streams streams{.output = [&](Stream, std::string_view) -> boost::asio::awaitable<void> {
        signal.emit(boost::asio::cancellation_type::terminal);
        co_return;
    }};
    std::optional<Ending> ending;
    std::exception_ptr thrown;
    boost::asio::co_spawn(
        io,
        workspace.run({.arguments = {"/bin/sh", "-c", "echo here; sleep 100"}}, Limits{.wall = 100s},
                      std::move(streams)),
        boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, Ending value) {
            thrown = error;
            ending = value;
        }));
    io.restart();
    io.run();
    ASSERT_FALSE(thrown);
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->cause, Cause::cancelled);
    EXPECT_EQ(shell(workspace, "echo again").out, "again\n");
}

TEST_F(BoxTest, an_output_that_throws_ends_the_box) {
    Workspace workspace = open();
    Streams streams{.output = [](Stream, std::string_view) -> boost::asio::awaitable<void> {
        throw std::runtime_error("the reader is gone");
        co_return;
    }};
    EXPECT_THROW(await(workspace.run({.arguments = {"/usr/bin/yes"}}, kSmall, std::move(streams))),
                 std::runtime_error);
    EXPECT_EQ(shell(workspace, "echo again").out, "again\n");
}

TEST_F(BoxTest, refuses_what_is_out_of_bounds) {
    Limits limits;
    limits.wall = -1ms;
    Workspace workspace = open();
    EXPECT_THROW(run(workspace, {.arguments = {"/bin/true"}}, limits), SandboxError);
    EXPECT_THROW(run(workspace, {.arguments = {"true"}}), SandboxError);
    EXPECT_THROW(open({.bytes = 0}), SandboxError);
    EXPECT_THROW(await(workspace.put({{"../up", ""}})), SandboxError);
    EXPECT_THROW(await(workspace.put({{"/etc/x", ""}})), SandboxError);
    EXPECT_THROW(await(workspace.put({{std::string("a\0b", 3), ""}})), SandboxError);
    EXPECT_EQ(shell(workspace, "echo fine").out, "fine\n");
}

TEST_F(BoxTest, shows_a_mount_and_refuses_what_is_none) {
    Workspace workspace = await(sandbox->open({}, {{"/etc/alternatives", "/opt/names"}}));
    EXPECT_EQ(shell(workspace, "[ -L /opt/names/awk ] && echo yes").out, "yes\n");
    EXPECT_THROW(await(sandbox->open({}, {{"/proc", "/opt/proc"}})), SandboxError);
    EXPECT_THROW(await(sandbox->open({}, {{"/usr/../proc", "/opt/x"}})), SandboxError);
    EXPECT_THROW(await(sandbox->open({}, {{"/usr", "/dev/x"}})), SandboxError);
}

}  // namespace

}  // namespace singularity::sandbox
