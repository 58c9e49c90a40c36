// Nexus: HTTP for people and machines.
#pragma once

#include "core/config.hpp"
#include "services/nexus/job_store.hpp"

namespace singularity::services::nexus {

// Runs until SIGTERM; returns the process's exit code. Jobs that don't pass `check` are refused at once.
int run(const core::Config& config, const JobCheck& check);

}  // namespace singularity::services::nexus
