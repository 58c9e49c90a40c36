#include "sandbox/test/box_fixture.hpp"

namespace singularity::sandbox {

namespace {

TEST_F(BoxTest, runs_a_program_and_gives_its_output) {
    Workspace workspace = open();
    const auto outcome = run(workspace, {.arguments = {"/bin/echo", "hello"}});
    EXPECT_EQ(outcome.out, "hello\n");
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.ending.cause, Cause::exited);
    EXPECT_EQ(outcome.ending.exit_code, 0);
    EXPECT_EQ(outcome.ending.out.bytes, 6);
}

TEST_F(BoxTest, has_the_system_s_usual_names) {
    const std::string script = "awk 'BEGIN { print 6 * 7 }'; id -un; ls /etc";
    const std::string etc = "alternatives\ngroup\nhosts\nld.so.cache\nnsswitch.conf\n";
    Workspace workspace = open();
    EXPECT_EQ(shell(workspace, script).out, "42\nbox\n" + etc + "passwd\n");
    Workspace more = await(sandbox->open({}, {{"/usr/share", "/etc/more"}}));
    EXPECT_EQ(shell(more, script).out,
              "42\nbox\n" + etc.substr(0, etc.rfind("nsswitch")) + "more\nnsswitch.conf\npasswd\n");
}

TEST_F(BoxTest, lays_files_down_and_hands_others_out) {
    Workspace workspace = open();
    await(workspace.put(
        {{"a/b/in.txt", "42\n"}, {"go", "#!/bin/bash\ncat a/b/in.txt > out.txt; echo done", true}}));
    const auto outcome = run(workspace, {.arguments = {"/box/go"}});
    EXPECT_EQ(outcome.out, "done\n") << outcome.err;
    const auto artifacts = await(workspace.take({"out.txt", "none", "a"}, 100));
    ASSERT_EQ(artifacts.size(), 3);
    EXPECT_EQ(artifacts[0].content, "42\n");
    EXPECT_EQ(artifacts[1].problem, "missing");
    EXPECT_EQ(artifacts[2].problem, "no regular file");
}

}  // namespace

}  // namespace singularity::sandbox
