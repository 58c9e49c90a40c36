// A workspace and the boxes that run in it, one after the other: the sandbox's face.
//
//     Sandbox sandbox(executor, descriptor_of_the_launcher);
//     Workspace workspace = co_await sandbox.open({.bytes = 64 * kMiB}, {});
//     co_await workspace.put({{"main.py", "print(6 * 7)"}});
//     const Ending ending = co_await workspace.run({.arguments = {"/usr/bin/python3", "main.py"}}, Limits{},
//     streams);
//
// A box sees /usr read-only, its workspace as /box (its working folder), an empty /tmp, and nothing else: no
// network, no other process, no environment but what the program is given. The launcher makes boxes; this is
// its client and needs no rights. A Workspace that is destroyed, or whose process dies, ends its box at once
// and leaves nothing behind. Cancelling run() ends the box with Cause::cancelled.
//
// Errors: SandboxError where the machinery fails (the launcher is away, the kernel refuses). What the program
// does, however hostile, is an Ending. Not thread-safe: one executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/limits.hpp"

namespace singularity::sandbox {

struct SandboxError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Nobody is there any more, nor would come by itself.
struct SandboxGone : SandboxError {
    using SandboxError::SandboxError;
};

// How well a box holds on this machine, best first; every result names it.
enum class Tier {
    cgroup_v2,         // all controllers in the unified hierarchy
    cgroup_v1_v2kill,  // v1 controllers, killed through v2
    cgroup_v1,         // v1 controllers, killed through the freezer
    rlimits,           // no cgroup: limits hold a process, not the sum; refused unless allowed
};
std::string_view name_of(Tier tier);

// What stands beside /usr in a box, read-only: a runtime from elsewhere.
struct Mount {
    std::string source;       // absolute, on the host
    std::string destination;  // absolute, in the box

    bool operator==(const Mount&) const = default;
};

struct File {
    std::string path;  // relative to /box: no "..", no empty part, no NUL
    std::string content;
    bool executable = false;
};

struct Program {
    std::vector<std::string> arguments;  // argv, the program's absolute path first
    std::vector<std::string> environment{};
    std::string folder = "/box";
};

enum class Stream { out, err };

// Where a program's input comes from and where its output goes, while it runs.
struct Streams {
    std::string input{};
    // Called with each piece as it arrives; up to Limits::output_bytes of each stream in all.
    std::function<boost::asio::awaitable<void>(Stream, std::string_view)> output{};
};

enum class Cause { exited, signalled, cpu_limit, wall_limit, memory_limit, output_limit, cancelled };

struct StreamTotal {
    std::int64_t bytes = 0;  // written by the program, as far as it was read
    bool truncated = false;
};

struct Ending {
    Cause cause = Cause::exited;
    int exit_code = 0;  // where it exited
    int signal = 0;     // where a signal ended it
    Usage usage{};
    StreamTotal out{}, err{};
    Tier tier = Tier::rlimits;
};

struct Artifact {
    std::string path;
    std::int64_t bytes = 0;  // on disk
    std::string content;     // the first max_bytes of it
    std::string problem;     // why it was not taken: missing, no regular file, has other links, too large
};

struct WorkspaceState;

class Workspace {
public:
    Workspace();  // of nothing: only to be assigned to
    ~Workspace();
    Workspace(Workspace&&) noexcept;
    Workspace& operator=(Workspace&&) noexcept;

    boost::asio::awaitable<void> put(std::vector<File> files);
    boost::asio::awaitable<Ending> run(Program program, Limits limits, Streams streams);
    // One for each path that was asked for. Symbolic links are never followed.
    boost::asio::awaitable<std::vector<Artifact>> take(std::vector<std::string> paths,
                                                       std::int64_t max_bytes);

private:
    friend class Sandbox;
    explicit Workspace(std::unique_ptr<WorkspaceState> state);
    std::unique_ptr<WorkspaceState> state_;
};

class Sandbox {
public:
    // `launcher`: our end of the launcher's socket; taken over.
    Sandbox(boost::asio::any_io_executor executor, int launcher);
    ~Sandbox();

    boost::asio::awaitable<Workspace> open(WorkspaceLimits limits, std::vector<Mount> mounts);
    boost::asio::awaitable<Tier> tier();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace singularity::sandbox
