// The launcher: the one process that keeps the rights to make boxes. It takes fixed-format requests over a
// socket, starts bubblewrap, enforces what a box may use, and ends boxes; it opens nothing that lies in a
// workspace. As root each workspace has a user id of its own; otherwise a launcher makes its own user
// namespace and the boxes run with our id. docs/sandbox.md draws who talks to whom.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "sandbox/box.hpp"

namespace singularity::sandbox {

struct LauncherOptions {
    std::string name = "sandbox";    // of its cgroups: one launcher a name
    std::filesystem::path folder{};  // of the slots' locks; empty: the machine's, or the user's
    std::filesystem::path
        runtimes{};             // may be mounted from wherever it lies, what slots cannot reach included
    uid_t first_user = 64'001;  // of slot 0, as root
    unsigned slots = 64;        // workspaces at a time
    unsigned prepared = 4;      // boxes that wait for their program
    std::vector<Mount> prepared_mounts{};  // what each of these has, asked for or not, where it is there
    bool allow_without_cgroups = false;    // else nothing is opened where no cgroup holds the sum
    Tier best_tier = Tier::cgroup_v2;      // as if there were no better one
    bool silent = false;  // what it logs goes nowhere unless told where, and no output of ours stays open
    std::function<void()> on_begin = [] {};  // in the keeper, once it has its output
};

// Serves `socket` until all other ends of it are closed, then leaves no box; its keeper sweeps. An error
// where no launcher can be had on this machine. Single-threaded; blocks.
core::Expected<void> run_launcher(const LauncherOptions& options, core::Descriptor socket);

// Runs launchers, one after the other, each in a process of its own, until one ends by itself: nobody holds
// the socket any more. Sweeps after each. Blocks.
core::Expected<void> keep_launcher(const LauncherOptions& options, core::Descriptor socket);

struct ForkedLauncher {
    core::Descriptor client{};  // for Sandbox
    core::Descriptor orders{};
    core::Descriptor ended{};  // at its end when keeper and launcher have ended
    pid_t keeper = -1;         // our child, which ends after the last copy of `client` is closed

    // For one that waits. What it logs goes to `output`, if there is one.
    void begin(int output = -1);
};

// The end of the keeper and the launcher of a name, for who may lose the right to look before it comes.
class LauncherWatch {
public:
    explicit LauncherWatch(const LauncherOptions& options);

    // Waits at most for seconds; whether neither is left.
    bool await_end() const;

private:
    core::Descriptor lock_;
};

// A keeper in a process of its own. Call it before there are threads.
core::Expected<ForkedLauncher> fork_launcher(const LauncherOptions& options);

// The same, but it does nothing before it is told to begin; it ends when `orders` is closed without that.
core::Expected<ForkedLauncher> fork_waiting_launcher(const LauncherOptions& options);

}  // namespace singularity::sandbox
