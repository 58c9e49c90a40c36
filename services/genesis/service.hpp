// Genesis: runs the jobs that agents ask for, and keeps watch over its replicas of what all of them used.
#pragma once

#include "core/config.hpp"

namespace singularity::services::genesis {

// Runs until SIGTERM; returns the process's exit code.
int run(const core::Config& config);

}  // namespace singularity::services::genesis
