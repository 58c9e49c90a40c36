// Queue `job_requests`, Singularity → Genesis: code is to run in the sandbox. Answered by a JobResult.
#pragma once

#include <boost/describe/class.hpp>

#include <string_view>
#include <vector>

#include "messages/envelope.hpp"

namespace singularity::messages {

struct JobFile {
    std::string path;  // relative to the working folder
    std::string content;
    std::optional<std::string> encoding{};  // utf-8 or base64
};
BOOST_DESCRIBE_STRUCT(JobFile, (), (path, content, encoding))

// What is not said has the sandbox's default; what is above its maximum is refused.
struct JobLimits {
    std::optional<std::int64_t> cpu_ms{}, wall_ms{}, memory_mb{}, processes{};
    std::optional<std::int64_t> output_kb{};  // of each stream
    std::optional<std::int64_t> file_mb{}, workspace_mb{};
};
BOOST_DESCRIBE_STRUCT(JobLimits, (),
                      (cpu_ms, wall_ms, memory_mb, processes, output_kb, file_mb, workspace_mb))

struct JobRequest : Envelope {
    static constexpr std::string_view kQueue = "job_requests";

    std::string id;  // the request_id under its older name
    std::string language;
    std::string code;
    std::optional<std::string> kind;  // run, validate, lint
    std::optional<std::string> stdin, stdin_encoding;
    std::vector<std::string> arguments;
    std::vector<JobFile> files;
    std::vector<std::string> artifacts;  // paths of files to bring back
    std::optional<JobLimits> limits, compile_limits;
    std::optional<std::int64_t> priority;  // -100 to 100: higher ones are next; 0 where nothing is said
    std::optional<bool> share_identical;   // one run may answer several such requests
    std::optional<std::string> expires_at;
};
BOOST_DESCRIBE_STRUCT(JobRequest, (Envelope),
                      (id, language, code, kind, stdin, stdin_encoding, arguments, files, artifacts, limits,
                       compile_limits, priority, share_identical, expires_at))

}  // namespace singularity::messages
