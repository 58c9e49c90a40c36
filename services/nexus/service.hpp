// Nexus: HTTP for people and machines.
#pragma once

#include "core/config.hpp"

namespace singularity::services::nexus {

// Runs until SIGTERM; returns the process's exit code.
int run(const core::Config& config);

}  // namespace singularity::services::nexus
