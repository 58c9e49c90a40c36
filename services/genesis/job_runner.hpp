// Runs a job in boxes: one workspace, in which the code is compiled in one box and run in another.
//
//     JobRunner runner(sandbox, languages);
//     if (const auto refused = runner.check(request)) …
//     const messages::JobResult result = co_await runner.run(request, show);
//
// What the code does is a verdict. What the sandbox can't do throws SandboxError: the same job may succeed
// later. Cancelled, a run ends with verdict cancelled. Any number of runs at a time; one executor.
#pragma once

#include "core/error.hpp"
#include "messages/job_request.hpp"
#include "messages/job_result.hpp"
#include "services/genesis/job_limits.hpp"
#include "services/genesis/job_output.hpp"
#include "services/genesis/language_versions.hpp"
#include "services/genesis/languages/table.hpp"

namespace singularity::services::genesis {

struct RunnerOptions {
    std::int64_t artifact_bytes = kMaxArtifact;  // of which more is told than its length
    std::int64_t artifacts_bytes = kMaxArtifactsInAll;
};

class JobRunner {
public:
    JobRunner(sandbox::Sandbox& sandbox, const Languages& languages, RunnerOptions options = {})
        : sandbox_(sandbox), languages_(languages), options_(options), versions_(sandbox) {}

    // Complete but for what the queue knows: attempt, agent, instance. `sink` gets the output of the run as
    // it comes, never the compiler's. The request is one that check() let pass, and outlives the call.
    boost::asio::awaitable<messages::JobResult> run(const messages::JobRequest& request, OutputSink sink);

    // What is wrong with it, by field, whatever is installed here.
    std::optional<core::Error> check(const messages::JobRequest& request) const;

    // Within which it runs, and what its boxes may take, one after the other; of an unknown language
    // defaults.
    sandbox::Limits limits(const messages::JobRequest& request) const;
    std::int64_t memory_mb(const messages::JobRequest& request) const;

private:
    struct Plan;
    Plan plan_of(const messages::JobRequest& request, const Language& language) const;
    boost::asio::awaitable<void> follow(const Plan& plan, const messages::JobRequest& request,
                                        OutputSink sink, messages::JobResult& result);
    boost::asio::awaitable<void> bring_back(sandbox::Workspace& workspace,
                                            const messages::JobRequest& request,
                                            messages::JobResult& result) const;

    sandbox::Sandbox& sandbox_;
    const Languages& languages_;
    RunnerOptions options_;
    LanguageVersions versions_;
};

}  // namespace singularity::services::genesis
