#include "services/genesis/job_runner.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

#include "core/format.hpp"
#include "services/genesis/job_artifacts.hpp"
#include "services/genesis/job_check.hpp"
#include "services/genesis/job_encoding.hpp"
#include "services/genesis/job_program.hpp"
#include "services/genesis/job_verdict.hpp"

namespace singularity::services::genesis {

using boost::asio::awaitable;
using messages::JobRequest;
using messages::JobResult;

// What is started one after the other; a kind other than run has but one step, which tells of the code.
struct JobRunner::Plan {
    const Language& language;
    const Step* compile = nullptr;
    const Step* run = nullptr;
    sandbox::Limits compile_limits{}, run_limits{};

    std::vector<const Step*> steps() const {
        std::vector<const Step*> steps;
        for (const Step* each : {compile, run}) {
            if (each != nullptr) steps.push_back(each);
        }
        return steps;
    }

    const Need* missing() const {
        for (const Step* step : steps()) {
            if (const Need* need = missing_need(language, *step)) return need;
        }
        return nullptr;
    }
};

namespace {

JobResult result_of(const JobRequest& request) {
    JobResult result;
    result.request_id = request.request_id;
    result.id = request.id;
    result.language = request.language;
    return result;
}

JobResult without_runtime(JobResult result, std::string message, boost::json::object details) {
    result.verdict = "unsupported_language";
    result.error = messages::ResultError{.code = "unsupported_language",
                                         .message = std::move(message),
                                         .retryable = false,
                                         .details = std::move(details)};
    return result;
}

JobResult lacking(JobResult result, const Language& language, const Need& need) {
    const std::string remedy = need.seen_as.empty()
                                   ? core::format("Debian's package {} brings it", need.package)
                                   : core::format("`make deps` prepares it from {}", need.package);
    return without_runtime(
        std::move(result),
        core::format("{} cannot run here: {} is missing; {}", language.name, need.path, remedy),
        {{"package", need.package}, {"path", need.path}});
}

void tell_output(JobResult& result, const sandbox::Ending& ending, const JobOutput& output) {
    auto out = encode(output.out), err = encode(output.err);
    result.stdout = std::move(out.text);
    result.stdout_encoding = std::move(out.encoding);
    result.stdout_bytes = ending.out.bytes;
    result.stdout_truncated = ending.out.truncated;
    result.stderr = std::move(err.text);
    result.stderr_encoding = std::move(err.encoding);
    result.stderr_bytes = ending.err.bytes;
    result.stderr_truncated = ending.err.truncated;
}

}  // namespace

JobRunner::Plan JobRunner::plan_of(const JobRequest& request, const Language& language) const {
    Plan plan{.language = language};
    const std::string kind = request.kind.value_or("run");
    if (kind == "validate") plan.compile = &language.validate;
    else if (kind == "lint") plan.compile = &language.lint;
    else plan.run = &language.run;
    if (plan.run != nullptr && language.compile) plan.compile = &*language.compile;
    if (plan.compile != nullptr) plan.compile_limits = apply(request.compile_limits, plan.compile->limits);
    if (plan.run != nullptr) plan.run_limits = apply(request.limits, plan.run->limits);
    return plan;
}

awaitable<JobResult> JobRunner::run(const JobRequest& request, OutputSink sink) {
    JobResult result = result_of(request);
    const Language* language = languages_.find(request.language);
    if (language == nullptr) {
        co_return without_runtime(
            std::move(result),
            core::format("'{}' is unknown; known are {}", as_text(request.language), languages_.names()), {});
    }
    result.language = language->name;
    const Plan plan = plan_of(request, *language);
    if (const Need* need = plan.missing()) co_return lacking(std::move(result), *language, *need);
    try {
        co_await follow(plan, request, std::move(sink), result);
    } catch (const boost::system::system_error& stopped) {
        if (stopped.code() != boost::asio::error::operation_aborted) throw;
        result.verdict = "cancelled";
    }
    // Packages may go while a job runs: what failed for that is no fault of its code.
    const bool failed = result.verdict == "compile_error" || result.verdict == "runtime_error";
    if (const Need* need = failed ? plan.missing() : nullptr) {
        co_return lacking(std::move(result), *language, *need);
    }
    co_return result;
}

awaitable<void> JobRunner::follow(const Plan& plan, const JobRequest& request, OutputSink sink,
                                  JobResult& result) {
    const Language& language = plan.language;
    if (const auto version = co_await versions_.of(language); !version.empty())
        result.language_version = version;
    auto workspace =
        co_await sandbox_.open(apply(request.limits, language.workspace), mounts_of(language, plan.steps()));
    co_await workspace.put(files_of(language, request));
    if (plan.compile != nullptr) {
        CompilerOutput output;
        const auto ending = co_await workspace.run(program_of(*plan.compile, language, request),
                                                   plan.compile_limits, output.streams());
        tell_ending(result, ending, Phase::compile);
        result.compile_output = as_text(output.text);
    }
    if (plan.run == nullptr || (plan.compile != nullptr && result.verdict != "ok")) co_return;
    JobOutput output;
    auto input = bytes_of(request.stdin.value_or(""), request.stdin_encoding);
    const auto ending = co_await workspace.run(program_of(*plan.run, language, request), plan.run_limits,
                                               output.streams(std::move(input), std::move(sink)));
    tell_ending(result, ending, Phase::run);
    tell_output(result, ending, output);
    if (!request.artifacts.empty() && result.verdict != "cancelled")
        co_await bring_back(workspace, request, result);
}

awaitable<void> JobRunner::bring_back(sandbox::Workspace& workspace, const JobRequest& request,
                                      JobResult& result) const {
    const auto taken = co_await workspace.take(request.artifacts, options_.artifact_bytes);
    result.artifacts = artifacts_of(taken, options_.artifacts_bytes);
}

std::optional<core::Error> JobRunner::check(const JobRequest& request) const {
    return check_job(request, languages_);
}

sandbox::Limits JobRunner::limits(const JobRequest& request) const {
    const Language* language = languages_.find(request.language);
    if (language == nullptr) return apply(request.limits, sandbox::Limits{});
    const Plan plan = plan_of(request, *language);
    return plan.run != nullptr ? plan.run_limits : plan.compile_limits;
}

std::int64_t JobRunner::memory_mb(const JobRequest& request) const {
    const Language* language = languages_.find(request.language);
    if (language == nullptr) return sandbox::Limits{}.memory_bytes / sandbox::kMiB;
    const Plan plan = plan_of(request, *language);
    std::int64_t most = 0;
    if (plan.compile != nullptr) most = plan.compile_limits.memory_bytes;
    if (plan.run != nullptr) most = std::max(most, plan.run_limits.memory_bytes);
    return most / sandbox::kMiB;
}

}  // namespace singularity::services::genesis
