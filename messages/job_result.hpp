// Queue `job_results`, Genesis → Singularity: verdict, output and usage of a run. Output that is no UTF-8 is
// base64, as the stream's encoding says.
#pragma once

#include <boost/describe/class.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct JobUsage {
    std::optional<std::int64_t> wall_ms{}, cpu_ms{}, compile_wall_ms{}, compile_cpu_ms{};
    std::optional<std::int64_t> memory_peak_kb{};  // as the cgroup counts it
    std::optional<std::int64_t> max_rss_kb{};      // of the largest process
    std::optional<std::int64_t> oom_kills{}, processes_peak{};
};
BOOST_DESCRIBE_STRUCT(JobUsage, (),
                      (wall_ms, cpu_ms, compile_wall_ms, compile_cpu_ms, memory_peak_kb, max_rss_kb,
                       oom_kills, processes_peak))

// A file that was asked for: its hash and content, or why there is none.
struct JobArtifact {
    std::string path;
    std::optional<std::string> sha256{};
    std::int64_t bytes = 0;
    std::optional<std::string> content{}, encoding{}, problem{};
};
BOOST_DESCRIBE_STRUCT(JobArtifact, (), (path, sha256, bytes, content, encoding, problem))

struct JobResult : Envelope {
    static constexpr std::string_view kQueue = "job_results";

    std::string id;
    std::string verdict;  // ok, compile_error, runtime_error, signal, wall_timeout, cpu_timeout, oom,
                          // output_limit, sandbox_error, unsupported_language, cancelled, refused
    std::optional<std::string> language, language_version;
    std::optional<std::string> phase;  // compile, run
    std::optional<std::int64_t> exit_code, signal;
    std::optional<std::string> stdout, stderr, compile_output;
    std::optional<std::string> stdout_encoding, stderr_encoding;  // utf-8, base64
    std::optional<std::int64_t> stdout_bytes, stderr_bytes;       // written, not kept
    std::optional<bool> stdout_truncated, stderr_truncated;
    std::optional<JobUsage> usage;
    std::vector<JobArtifact> artifacts;
    std::optional<std::string> isolation_tier;
    std::optional<std::int64_t> attempt;
    std::optional<ResultError> error;
};
BOOST_DESCRIBE_STRUCT(JobResult, (Envelope),
                      (id, verdict, language, language_version, phase, exit_code, signal, stdout, stderr,
                       compile_output, stdout_encoding, stderr_encoding, stdout_bytes, stderr_bytes,
                       stdout_truncated, stderr_truncated, usage, artifacts, isolation_tier, attempt, error))

}  // namespace singularity::messages
