// CentralCloud, the hub: makes the shared queues, merges and approves what instances learned.
#pragma once

#include "core/config.hpp"

namespace singularity::services::centralcloud {

// Runs until SIGTERM; returns the process's exit code.
int run(const core::Config& config);

}  // namespace singularity::services::centralcloud
