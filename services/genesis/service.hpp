// Genesis: keeps watch over its replicas of job statistics and execution metrics.
#pragma once

#include "core/config.hpp"

namespace singularity::services::genesis {

// Runs until SIGTERM; returns the process's exit code.
int run(const core::Config& config);

}  // namespace singularity::services::genesis
