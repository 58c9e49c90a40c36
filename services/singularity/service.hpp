// An instance: relays what its database learned to the shared queue.
#pragma once

#include "core/config.hpp"

namespace singularity::services::instance {

// Runs until SIGTERM; returns the process's exit code.
int run(const core::Config& config);

}  // namespace singularity::services::instance
