#include "services/genesis/job_answers.hpp"

#include <utility>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "messages/json_mapping.hpp"
#include "messages/performance_stat.hpp"
#include "messages/publishing.hpp"

namespace singularity::services::genesis {

namespace {

constexpr std::int64_t kKilobytesPerMegabyte = 1024;

messages::PerformanceStat statistics_of(const messages::JobResult& result,
                                        const messages::JobRequest& request, const JobIdentity& identity,
                                        const sandbox::Limits& limits) {
    messages::PerformanceStat stat;
    stat.request_id = result.request_id;
    stat.instance_id = result.instance_id;
    stat.agent_id = result.agent_id;
    stat.language = request.language;
    stat.status = result.verdict == "ok" ? "completed" : "failed";
    stat.job_id = result.request_id;
    stat.verdict = result.verdict;
    stat.code_sha256 = identity.code_sha256;
    stat.input_sha256 = identity.input_sha256;
    stat.kind = kind_of(request);
    stat.phase = result.phase;
    stat.language_version = result.language_version;
    stat.limit_cpu_ms = limits.cpu.count();
    stat.limit_wall_ms = limits.wall.count();
    stat.limit_memory_mb = limits.memory_bytes / sandbox::kMiB;
    stat.recorded_at = core::rfc3339(core::now());
    if (!result.usage) return stat;
    const messages::JobUsage& usage = *result.usage;
    stat.execution_time_ms = usage.wall_ms.value_or(0) + usage.compile_wall_ms.value_or(0);
    stat.cpu_time_ms = usage.cpu_ms.value_or(0) + usage.compile_cpu_ms.value_or(0);
    const auto peak = usage.memory_peak_kb ? usage.memory_peak_kb : usage.max_rss_kb;
    if (peak) stat.memory_used_mb = (*peak + kKilobytesPerMegabyte - 1) / kKilobytesPerMegabyte;
    return stat;
}

// Too large, or not text: then its sender gets to know that, with what is left of it.
messages::JobResult fit_to_send(messages::JobResult result) {
    const auto checked = messages::complete("job_results", messages::to_json(result), {});
    if (checked) return result;
    const std::string reason = reason_of(checked.error());
    core::log::error("job.result_unfit", {{"request_id", result.request_id}, {"reason", reason}});
    messages::JobResult instead = answer_without_run(
        "sandbox_error", {.code = "result_unfit", .message = "the result can't be sent: " + reason});
    static_cast<messages::Envelope&>(instead) = static_cast<const messages::Envelope&>(result);
    instead.id = result.id;
    instead.language = result.language;
    instead.usage = result.usage;
    instead.attempt = result.attempt;
    return instead;
}

}  // namespace

messages::JobResult answer_without_run(std::string verdict, messages::ResultError why) {
    messages::JobResult result;
    result.verdict = std::move(verdict);
    result.error = std::move(why);
    return result;
}

messages::ResultError error_of(const core::Error& error) {
    messages::ResultError result{
        .code = error.code == core::ErrorCode::invalid_input ? "invalid_input" : "refused",
        .message = error.message,
        .retryable = false};
    if (!error.details.empty())
        result.details["fields"] = boost::json::array(error.details.begin(), error.details.end());
    return result;
}

void address(messages::JobResult& result, const messages::JobRequest& request, std::int32_t attempt,
             const std::string& instance_id) {
    result.request_id = result.id = request.request_id;
    result.instance_id = request.instance_id.value_or(instance_id);
    result.agent_id = request.agent_id;
    result.traceparent = request.traceparent;
    if (!result.language) result.language = request.language;
    result.attempt = attempt;
}

Outcome outcome_of(messages::JobResult result, const messages::JobRequest& request,
                   const JobIdentity& identity, const std::optional<sandbox::Limits>& limits) {
    result = fit_to_send(std::move(result));
    Outcome outcome;
    outcome.replies.push_back(outgoing(result));
    if (limits) outcome.replies.push_back(outgoing(statistics_of(result, request, identity, *limits)));
    return outcome;
}

}  // namespace singularity::services::genesis
