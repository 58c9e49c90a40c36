// `singularity up --detach`: the supervisor goes into the background, the caller learns how it went.
#pragma once

#include <chrono>

#include "cluster/serve.hpp"

namespace singularity::cluster {

inline constexpr std::chrono::seconds kHealthyWithin{55};  // "within a minute", its explanation included

// Forks: the child leads a session of its own, logs to log/supervisor.log and serves. Returns in the
// parent when every part is healthy; otherwise an error says which part is not, and why, and whether
// the backbone goes on trying.
core::Expected<Status> serve_detached(const Backbone& backbone, const core::Config& config, const Plan& plan);

}  // namespace singularity::cluster
