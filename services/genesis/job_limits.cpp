#include "services/genesis/job_limits.hpp"

namespace singularity::services::genesis {

sandbox::Limits apply(const std::optional<messages::JobLimits>& asked, sandbox::Limits limits) {
    if (!asked) return limits;
    using std::chrono::milliseconds;
    if (asked->cpu_ms) limits.cpu = milliseconds(*asked->cpu_ms);
    if (asked->wall_ms) limits.wall = milliseconds(*asked->wall_ms);
    if (asked->memory_mb) limits.memory_bytes = *asked->memory_mb * sandbox::kMiB;
    if (asked->processes) limits.processes = *asked->processes;
    if (asked->output_kb) limits.output_bytes = *asked->output_kb * 1024;
    if (asked->file_mb) limits.file_bytes = *asked->file_mb * sandbox::kMiB;
    return limits;
}

sandbox::WorkspaceLimits apply(const std::optional<messages::JobLimits>& asked,
                               sandbox::WorkspaceLimits limits) {
    if (asked && asked->workspace_mb) limits.bytes = *asked->workspace_mb * sandbox::kMiB;
    return limits;
}

}  // namespace singularity::services::genesis
