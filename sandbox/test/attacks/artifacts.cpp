// What a job leaves in its folder for whoever collects results: links, pipes, devices, names that lead
// elsewhere.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

constexpr std::int64_t kMost = 100'000;

// Python, run in the folder; {file} is the secret's path.
std::vector<std::string> script(std::string code, const Targets& targets) {
    const std::string name = "{file}";
    if (const auto at = code.find(name); at != std::string::npos)
        code.replace(at, name.size(), targets["file"]);
    return {"/usr/bin/python3", "-c", "import os, socket\n" + code};
}

std::string path_of(const std::string& path, const Targets& targets) {
    const auto words = targets.expand(path);
    return words.empty() ? path : words.front();
}

// How somebody collects who thinks no evil: what the path leads to is opened and read.
struct Collected {
    bool regular = false;
    struct stat status{};
    std::string content{};
};

Collected collect_carelessly(const std::string& path) {
    Collected collected;
    const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (stat(path.c_str(), &collected.status) == 0) collected.regular = S_ISREG(collected.status.st_mode);
    collected.content.resize(256);
    const ssize_t count = file < 0 ? 0 : read(file, collected.content.data(), 256);
    collected.content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    if (file >= 0) close(file);
    return collected;
}

struct Case {
    const char* name;
    const char* code;  // what the job does
    std::string path;  // what is then asked for
    const char* layers;
    bool leaks = true;  // carelessly collected it shows the secret; else it is no plain file of one name
};

Attack collected(const Case& each) {
    const auto in_box = [each] {
        Workspace workspace = stage().open();
        const BoxRun run = stage().run(workspace, script(each.code, stage().canaries()), {});
        const auto taken = stage().wait(workspace.take({path_of(each.path, stage().canaries())}, kMost));
        ASSERT_EQ(taken.size(), 1U) << run.err;
        EXPECT_EQ(taken[0].content, "");
        EXPECT_NE(taken[0].problem, "");
        stage().expect_unharmed(run);
    };
    const auto bare = [each] {
        const Targets targets;
        const BareFolder folder;
        const BareRun run = folder.run(script(each.code, targets), Ground::plain);
        if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
        const std::string path = path_of(each.path, targets);
        const Collected found = collect_carelessly(path[0] == '/' ? path : folder.path() + "/" + path);
        const bool odd = !found.regular || found.status.st_nlink > 1;
        EXPECT_TRUE(each.leaks ? found.content == targets["secret"] : odd) << run.out;
    };
    return {.category = {},
            .name = each.name,
            .layers = each.layers,
            .result = "not taken",
            .in_box = in_box,
            .bare = bare};
}

// A folder that the job made a link of, into which the next files are to go.
Attack plants_through_a_link() {
    const std::string code = "os.symlink(os.path.dirname('{file}'), 'out')";
    const auto in_box = [code] {
        Workspace workspace = stage().open();
        const BoxRun run = stage().run(workspace, script(code, stage().canaries()), {});
        EXPECT_THROW(stage().wait(workspace.put({{.path = "out/planted", .content = "x"}})), SandboxError);
        stage().expect_unharmed(run);
    };
    const auto bare = [code] {
        Targets targets;
        const BareFolder folder;
        if (folder.run(script(code, targets), Ground::plain).code == -1) GTEST_SKIP() << "no cgroup";
        std::ofstream(folder.path() + "/out/planted") << "x";
        EXPECT_THAT(targets.touched(), testing::Contains(testing::HasSubstr("planted")));
    };
    return {.category = {},
            .name = "has_files_laid_through_a_link",
            .layers = "openat2, nosymfollow, box",
            .result = "not laid",
            .in_box = in_box,
            .bare = bare};
}

// Escape sequences: they arrive as the bytes that they are.
Attack escapes_to_the_terminal() {
    const auto in_box = [] {
        const BoxRun run = stage().attack("escape_sequences");
        EXPECT_THAT(run.out, testing::StartsWith("\033]0;owned\007\033[2J"));
        EXPECT_THAT(run.out, testing::EndsWith("end"));
        EXPECT_EQ(run.ending.out.bytes, static_cast<std::int64_t>(run.out.size()));
        stage().expect_unharmed(run);
    };
    const auto bare = [] {
        const BareRun run = BareFolder().run(bare_words("escape_sequences", Targets()), Ground::plain);
        if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
        EXPECT_THAT(run.out, testing::HasSubstr("\033]0;owned"));
    };
    return {.category = {},
            .name = "writes_escape_sequences",
            .layers = "pipes, output as bytes",
            .result = "bytes as they are",
            .in_box = in_box,
            .bare = bare};
}

}  // namespace

std::vector<Attack> artifact_attacks() {
    const char* opened = "openat2, nosymfollow, box";
    std::vector<Attack> attacks;
    for (const Case& each : {
             Case{"leaves_a_symlink", "os.symlink('{file}', 'out')", "out", opened},
             Case{"leaves_a_symlink_to_a_folder", "os.symlink(os.path.dirname('{file}'), 'out')",
                  "out/secret", opened},
             Case{"leaves_a_symlink_through_proc", "os.symlink('/proc/self/root{file}', 'out')", "out",
                  opened},
             Case{"names_a_path_above", "pass", "../../../../../../{relative}", "checked names, openat2"},
             Case{"names_an_absolute_path", "pass", "{file}", "checked names, openat2"},
             Case{"names_a_path_with_nul",
                  "try: text = open('{file}').read()\n"
                  "except OSError: text = 'x'\n"
                  "open('out', 'w').write(text)",
                  std::string("out\0.txt", 8), "checked names"},
             Case{"leaves_a_pipe", "os.mkfifo('out')", "out", "regular files alone", false},
             Case{"leaves_a_socket", "socket.socket(socket.AF_UNIX).bind('out')", "out",
                  "regular files alone", false},
             Case{"leaves_a_folder", "os.mkdir('out')", "out", "regular files alone", false},
             Case{"leaves_a_second_name", "open('one', 'w').write('x'); os.link('one', 'out')", "out",
                  "files of one name alone", false},
         })
        attacks.push_back(collected(each));
    attacks.push_back(plants_through_a_link());
    attacks.push_back(escapes_to_the_terminal());
    return in_category("results", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
