// What a run may use, and what it did use. A box enforces every limit; what lies outside kMinimum and
// kMaximum is refused.
#pragma once

#include <chrono>
#include <cstdint>

namespace singularity::sandbox {

inline constexpr std::int64_t kMiB = 1024 * 1024;

struct Limits {
    std::chrono::milliseconds cpu{5'000};  // of all processes together
    std::chrono::milliseconds wall{10'000};
    std::int64_t memory_bytes = 256 * kMiB;  // of all processes and of the workspace's files
    std::int64_t processes = 64;             // threads count
    std::int64_t output_bytes = kMiB;        // of each stream
    std::int64_t file_bytes = 16 * kMiB;     // of one file
    std::int64_t open_files = 256;           // of one process
};

struct WorkspaceLimits {
    std::int64_t bytes = 64 * kMiB;
    std::int64_t files = 4'000;  // folders count
};

inline constexpr Limits kMinimum{.cpu = std::chrono::milliseconds(1),
                                 .wall = std::chrono::milliseconds(1),
                                 .memory_bytes = 8 * kMiB,
                                 .processes = 1,
                                 .output_bytes = 0,
                                 .file_bytes = 0,
                                 .open_files = 8};
inline constexpr Limits kMaximum{.cpu = std::chrono::hours(1),
                                 .wall = std::chrono::hours(2),
                                 .memory_bytes = 65'536 * kMiB,
                                 .processes = 32'768,
                                 .output_bytes = 1'024 * kMiB,
                                 .file_bytes = 65'536 * kMiB,
                                 .open_files = 65'536};
inline constexpr WorkspaceLimits kMinimumWorkspace{.bytes = 64 * 1024, .files = 16};
inline constexpr WorkspaceLimits kMaximumWorkspace{.bytes = 65'536 * kMiB, .files = 1'000'000};

struct Usage {
    std::chrono::microseconds wall{}, cpu{};
    std::int64_t memory_peak_bytes = 0;  // as the cgroup counts it; 0 where there is none
    std::int64_t max_rss_bytes = 0;      // of the largest process
    std::int64_t oom_kills = 0;
    std::int64_t processes_peak = 0;  // 0 where no cgroup counts it
};

}  // namespace singularity::sandbox
