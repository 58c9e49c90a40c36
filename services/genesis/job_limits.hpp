// What a job may use: what it asks for, where it asks for nothing its language's default, and never more than
// what stands here.
#pragma once

#include <string>
#include <vector>

#include "messages/job_request.hpp"
#include "sandbox/limits.hpp"

namespace singularity::services::genesis {

// Of the request itself.
inline constexpr std::size_t kMaxCode = 1024 * 1024;
inline constexpr std::size_t kMaxInput = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxArguments = 256;
inline constexpr std::size_t kMaxArgument = 64 * 1024;
inline constexpr std::size_t kMaxArgumentsInAll = 512 * 1024;
inline constexpr std::size_t kMaxFiles = 256;
inline constexpr std::size_t kMaxFilesInAll = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxPath = 255;
inline constexpr std::size_t kMaxDepth = 12;  // of a path's parts
inline constexpr std::size_t kMaxArtifacts = 64;
// What comes back of one artifact, and of all; of the rest its hash is told as far as it was read.
inline constexpr std::int64_t kMaxArtifact = 4 * sandbox::kMiB;
inline constexpr std::int64_t kMaxArtifactsInAll = 16 * sandbox::kMiB;

// Of what it uses, in the units of messages::JobLimits.
struct Bound {
    const char* field;
    std::optional<std::int64_t> messages::JobLimits::* member;
    std::int64_t least, most;
};
inline constexpr Bound kBounds[] = {
    {"cpu_ms", &messages::JobLimits::cpu_ms, 1, 600'000},
    {"wall_ms", &messages::JobLimits::wall_ms, 1, 1'200'000},
    {"memory_mb", &messages::JobLimits::memory_mb, 8, 4'096},
    {"processes", &messages::JobLimits::processes, 1, 1'024},
    {"output_kb", &messages::JobLimits::output_kb, 1, 16'384},
    {"file_mb", &messages::JobLimits::file_mb, 1, 1'024},
    {"workspace_mb", &messages::JobLimits::workspace_mb, 1, 1'024},
};

sandbox::Limits apply(const std::optional<messages::JobLimits>& asked, sandbox::Limits defaults);
sandbox::WorkspaceLimits apply(const std::optional<messages::JobLimits>& asked,
                               sandbox::WorkspaceLimits defaults);

}  // namespace singularity::services::genesis
