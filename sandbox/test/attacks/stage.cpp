#include "sandbox/test/attacks/stage.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/mount.h>
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

}  // namespace

// A process may end while its file is read, which is as good as empty.
std::string content_of(const std::string& path) {
    std::string content;
    char piece[65536];
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    for (ssize_t count; (count = read(file, piece, sizeof piece)) > 0;)
        content.append(piece, static_cast<std::size_t>(count));
    if (file >= 0) close(file);
    return content;
}

Stage::Stage(int launcher, bool with_canaries)
    : sandbox_(context_.get_executor(), launcher),
      canaries_(with_canaries),
      tag_("attacker-" + std::to_string(getpid())) {}

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
        if (content_of((entry.path() / "cmdline").string()).find("/box/" + tag_) != std::string::npos)
            found.push_back(std::stoi(name));
    }
    return found;
}

void Stage::await_last_process() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!survivors().empty() && std::chrono::steady_clock::now() < deadline) sched_yield();
}

void Stage::expect_unharmed() {
    // Without a cgroup nobody can say when the last has ended.
    if (geteuid() != 0) await_last_process();
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

// Who is not root may find no cgroup to divide; the other layers must hold all the same.
LauncherOptions launcher_options(std::string name) {
    return {.name = std::move(name), .allow_without_cgroups = geteuid() != 0};
}

void set_stage() {
    // What others mount meanwhile is no attack.
    if (unshare(CLONE_NEWNS) == 0) mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    // A session keyring of our own, which children inherit as a login's would be.
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    // No threads yet. NOLINTNEXTLINE(concurrency-mt-unsafe)
    setenv("ATTACKED_SECRET", "of-the-host", 1);
    // Left open for all children on purpose.
    [[maybe_unused]] const int folder = ::open("/", O_RDONLY | O_DIRECTORY);
    auto forked = fork_launcher(launcher_options("attacks-" + std::to_string(getpid())));
    if (!forked) throw std::runtime_error(forked.error().message);
    the_stage = std::make_unique<Stage>(forked->client.release());
}

}  // namespace singularity::sandbox::attacks
