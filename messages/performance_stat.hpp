// Queue `performance_stats_published`, Singularity and Genesis → CentralCloud: the statistics of one job.
#pragma once

#include <boost/describe/class.hpp>

#include <string_view>

#include "messages/envelope.hpp"

namespace singularity::messages {

// instance_id is required.
struct PerformanceStat : Envelope {
    static constexpr std::string_view kQueue = "performance_stats_published";

    std::string language;
    std::string status;  // running, completed, failed
    std::optional<std::string> job_id;
    std::optional<std::int64_t> execution_time_ms, cpu_time_ms, memory_used_mb, lines_analyzed;
    std::optional<std::string> verdict;
    std::optional<std::string> code_sha256, input_sha256;  // same code, same input: the same job again
    std::optional<std::string> kind;                       // run, validate, lint
    std::optional<std::string> phase, language_version;    // of its result
    std::optional<std::int64_t> limit_cpu_ms, limit_wall_ms, limit_memory_mb;  // under which it ran
    std::optional<std::string> recorded_at;
};
BOOST_DESCRIBE_STRUCT(PerformanceStat, (Envelope),
                      (language, status, job_id, execution_time_ms, cpu_time_ms, memory_used_mb,
                       lines_analyzed, verdict, code_sha256, input_sha256, kind, phase, language_version,
                       limit_cpu_ms, limit_wall_ms, limit_memory_mb, recorded_at))

}  // namespace singularity::messages
