#include "services/genesis/job_verdict.hpp"

#include <algorithm>

namespace singularity::services::genesis {

namespace {

using sandbox::Cause;

std::int64_t milliseconds(std::chrono::microseconds time) {
    return std::chrono::round<std::chrono::milliseconds>(time).count();
}

void raise_to(std::optional<std::int64_t>& figure, std::int64_t value) {
    figure = std::max(figure.value_or(0), value);
}

void tell_usage(messages::JobUsage& told, const sandbox::Usage& usage, Phase phase) {
    (phase == Phase::compile ? told.compile_wall_ms : told.wall_ms) = milliseconds(usage.wall);
    (phase == Phase::compile ? told.compile_cpu_ms : told.cpu_ms) = milliseconds(usage.cpu);
    raise_to(told.memory_peak_kb, usage.memory_peak_bytes / 1024);
    raise_to(told.max_rss_kb, usage.max_rss_bytes / 1024);
    raise_to(told.processes_peak, usage.processes_peak);
    told.oom_kills = told.oom_kills.value_or(0) + usage.oom_kills;
}

}  // namespace

std::string verdict_of(const sandbox::Ending& ending, Phase phase) {
    const bool well = ending.cause == Cause::exited && ending.exit_code == 0;
    switch (ending.cause) {
        case Cause::cpu_limit: return "cpu_timeout";
        case Cause::wall_limit: return "wall_timeout";
        case Cause::memory_limit: return "oom";
        case Cause::output_limit: return "output_limit";
        case Cause::cancelled: return "cancelled";
        case Cause::exited:
        case Cause::signalled: break;
    }
    if (well) return "ok";
    if (ending.usage.oom_kills > 0) return "oom";
    if (ending.cause == Cause::signalled) return "signal";
    return phase == Phase::compile ? "compile_error" : "runtime_error";
}

void tell_ending(messages::JobResult& result, const sandbox::Ending& ending, Phase phase) {
    result.verdict = verdict_of(ending, phase);
    result.phase = phase == Phase::compile ? "compile" : "run";
    result.exit_code.reset();
    result.signal.reset();
    if (ending.cause == Cause::exited) result.exit_code = ending.exit_code;
    else if (ending.signal > 0) result.signal = ending.signal;
    result.isolation_tier = sandbox::name_of(ending.tier);
    if (!result.usage) result.usage.emplace();
    tell_usage(*result.usage, ending.usage, phase);
}

}  // namespace singularity::services::genesis
