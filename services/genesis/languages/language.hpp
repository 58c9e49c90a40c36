// A language as jobs see it: what a box starts for each kind of job, within which limits, and what must be
// installed for it. Plain data; table.hpp has them all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/box.hpp"

namespace singularity::services::genesis {

// What must be there: a path on this machine, and the package that it comes from. `seen_as` is where a box
// sees what tools/prepare_runtimes made of the package; empty for what lies below /usr, which every box sees.
struct Need {
    std::string path;
    std::string package;
    std::string seen_as{};
};

// In a step's arguments: all source files, the job's own arguments.
inline constexpr std::string_view kSources = "{sources}";
inline constexpr std::string_view kArguments = "{arguments}";

// What the compiler leaves in the workspace; no file of a job may be called so.
inline constexpr const char* kProgram = "/box/.program";

struct Step {
    std::vector<std::string> arguments;
    std::vector<std::string> environment{};  // besides everybody's PATH, HOME and LANG
    sandbox::Limits limits{};
    std::vector<Need> needs{};  // besides the language's own
};

struct Language {
    std::string name;
    std::vector<std::string> aliases{};
    std::vector<std::string> version;  // a command; the first number with a dot that it prints
    std::string file;                  // what the code is called in the workspace
    std::vector<std::string> endings;  // of source files: of those that a job brings, these are sources too
    std::vector<Need> needs{};
    std::vector<sandbox::File> defaults{};  // laid down where the job brings none of that name
    sandbox::WorkspaceLimits workspace{};

    std::optional<Step> compile{};
    Step run;
    Step validate;  // is it well-formed? Nothing of it runs
    Step lint;      // is there anything suspicious about it?
};

// Limits of a compilation: 10 s of processor time, 20 s by the clock.
inline sandbox::Limits compiling(std::int64_t memory_mb) {
    return {.cpu = std::chrono::seconds(10),
            .wall = std::chrono::seconds(20),
            .memory_bytes = memory_mb * sandbox::kMiB,
            .file_bytes = 64 * sandbox::kMiB,
            .open_files = 1024};
}

// A command that looks at one file, for all sources: the first failure is the result, all are looked at.
inline std::vector<std::string> for_each_source(std::string command) {
    return {"/usr/bin/bash", "-c",
            "status=0; for file; do " + std::move(command) + " \"$file\" || status=$?; done; exit $status",
            "each", std::string(kSources)};
}

}  // namespace singularity::services::genesis
