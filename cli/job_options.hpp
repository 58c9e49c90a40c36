// What the commands of `singularity job` share.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"

namespace singularity::cli {

struct JobOptions {
    std::string request_id;
    std::vector<std::string> request_ids;  // cancel

    // run
    std::string script, language, kind, agent, expires_at;
    std::optional<std::string> code;
    std::vector<std::string> arguments;
    std::vector<std::string> files, artifacts;  // NAME or NAME=PATH
    std::optional<std::int64_t> cpu_ms, wall_ms, memory_mb, processes, output_kb, priority;
    bool no_input = false, share = false;

    // list
    std::int32_t limit = 20;
    std::string state;

    // logs
    bool follow = false, out_only = false, err_only = false;
};

// What is ours to answer for when a program is run, and no program's own exit code is likely to be.
inline constexpr int kOurFailure = 125;

using JobWork = boost::asio::awaitable<void> (*)(Context&, const JobOptions&);

void add_job_run(CLI::App& job, Context& context);
void add_job_list(CLI::App& job, Context& context);
void add_job_show(CLI::App& job, Context& context);
void add_job_logs(CLI::App& job, Context& context);
void add_job_cancel(CLI::App& job, Context& context);

}  // namespace singularity::cli
