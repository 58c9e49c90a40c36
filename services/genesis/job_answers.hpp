// What is answered to a job: results that no box gave, and the messages that carry a result.
#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"
#include "messages/job_request.hpp"
#include "messages/job_result.hpp"
#include "sandbox/limits.hpp"
#include "services/genesis/job_identity.hpp"
#include "services/runtime/handler.hpp"

namespace singularity::services::genesis {

// With `verdict`, and why.
messages::JobResult answer_without_run(std::string verdict, messages::ResultError why);

messages::ResultError error_of(const core::Error& error);

// Whose job it is, and as which attempt it was answered.
void address(messages::JobResult& result, const messages::JobRequest& request, std::int32_t attempt,
             const std::string& instance_id);

// The result and, of a run, its statistics. A result that is no message of its queue gives way to one that
// says so. `limits`: those that it ran under; none where it was not run.
Outcome outcome_of(messages::JobResult result, const messages::JobRequest& request,
                   const JobIdentity& identity, const std::optional<sandbox::Limits>& limits);

}  // namespace singularity::services::genesis
