#include "sandbox/test/attacks/stage.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "sandbox/launcher.hpp"
#include "sandbox/test/attacks/bare.hpp"

namespace singularity::sandbox::attacks {

namespace {

namespace fs = std::filesystem;

std::unique_ptr<Stage> the_stage;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Stage::Stage(int launcher)
    : sandbox_(context_.get_executor(), launcher), tag_("attacker-" + std::to_string(getpid())) {}

Workspace Stage::open(WorkspaceLimits limits) {
    return wait(sandbox_.open(limits, {}));
}

void Stage::prepare(Workspace& workspace, std::vector<File> more) {
    static const std::string program = content_of(attacker_path());
    more.push_back({.path = tag_, .content = program, .executable = true});
    wait(workspace.put(std::move(more)));
}

std::vector<std::string> Stage::arguments_of(std::string_view line) const {
    auto words = canaries_.expand(line);
    if (words.front()[0] != '/') words.insert(words.begin(), "/box/" + tag_);
    return words;
}

BoxRun Stage::run(Workspace& workspace, const std::vector<std::string>& arguments, Limits limits,
                  std::string input) {
    BoxRun run;
    Streams streams{.input = std::move(input),
                    .output = [&run](Stream stream, std::string_view piece) -> boost::asio::awaitable<void> {
                        (stream == Stream::out ? run.out : run.err) += piece;
                        co_return;
                    }};
    Program program{.arguments = arguments, .environment = {"PATH=/usr/bin:/bin"}};
    run.ending = wait(workspace.run(std::move(program), limits, std::move(streams)));
    return run;
}

BoxRun Stage::attack(std::string_view line, Limits limits, WorkspaceLimits space) {
    Workspace workspace = open(space);
    prepare(workspace);
    return run(workspace, arguments_of(line), limits);
}

std::vector<int> Stage::survivors() const {
    std::vector<int> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        if (!std::isdigit(name[0])) continue;
        if (content_of(entry.path() / "cmdline").find("/box/" + tag_) != std::string::npos)
            found.push_back(std::stoi(name));
    }
    return found;
}

void Stage::expect_unharmed() {
    EXPECT_THAT(canaries_.touched(), testing::IsEmpty());
    EXPECT_THAT(survivors(), testing::IsEmpty());
}

void Stage::expect_unharmed(const BoxRun& run) {
    EXPECT_THAT(run.out + run.err, testing::Not(testing::HasSubstr(canaries_["secret"])));
    expect_unharmed();
}

Stage& stage() {
    return *the_stage;
}

void set_stage() {
    // A session keyring of our own, which children inherit as a login's would be.
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    setenv("ATTACKED_SECRET", "of-the-host", 1);
    // Left open for all children on purpose.
    [[maybe_unused]] const int folder = ::open("/", O_RDONLY | O_DIRECTORY);
    auto forked = fork_launcher({.name = "attacks-" + std::to_string(getpid())});
    if (!forked) throw std::runtime_error(forked.error().message);
    the_stage = std::make_unique<Stage>(forked->client.release());
}

}  // namespace singularity::sandbox::attacks
