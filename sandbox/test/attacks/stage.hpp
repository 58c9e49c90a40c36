// Where attacks in boxes are tried: a launcher, its client, and canaries that must stay untouched.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <string>
#include <vector>

#include "sandbox/box.hpp"
#include "sandbox/launcher.hpp"
#include "sandbox/test/attacks/targets.hpp"

namespace singularity::sandbox::attacks {

struct BoxRun {
    Ending ending;
    std::string out, err;
};

class Stage {
public:
    // Takes the launcher's socket.
    explicit Stage(int launcher, bool with_canaries = true);

    Workspace open(WorkspaceLimits limits = {});
    // As run() below, in a workspace that is there.
    BoxRun run(Workspace& workspace, const std::vector<std::string>& arguments, Limits limits,
               std::string input = {});
    // The attacker's line ({names} are the canaries') in a new workspace that holds the attacker.
    BoxRun attack(std::string_view line, Limits limits = {}, WorkspaceLimits space = {});
    // A line of the attacker's, or of a program's with its absolute path, for a workspace that prepare()d it.
    std::vector<std::string> arguments_of(std::string_view line) const;
    void prepare(Workspace& workspace, std::vector<File> more = {});

    template <typename Result>
    Result wait(boost::asio::awaitable<Result> work) {
        auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
        context_.restart();
        while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) context_.run_one();
        return result.get();
    }

    Targets& canaries() { return canaries_; }
    Sandbox& sandbox() { return sandbox_; }
    boost::asio::io_context& context() { return context_; }
    // Processes of boxes of ours, as the host sees them.
    std::vector<int> survivors() const;
    // Until there are none, or too long: a workspace that is given up ends a moment later.
    void await_last_process() const;
    // Fails the test where a canary was touched, a process is left, or the run shows a secret.
    void expect_unharmed(const BoxRun& run);
    void expect_unharmed();

private:
    boost::asio::io_context context_;
    Sandbox sandbox_;
    Targets canaries_;
    std::string tag_;  // in the name of the attacker's file, so that its processes are known by it
};

std::string content_of(const std::string& path);
LauncherOptions launcher_options(std::string name);
// The one of this program.
Stage& stage();
// Plants what a careless parent hands down, a variable and an open folder, then forks the launcher.
void set_stage();

}  // namespace singularity::sandbox::attacks
