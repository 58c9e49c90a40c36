// How many jobs may run at a time: what the configuration says, and where it says nothing, the machine.
#pragma once

#include <cstdint>

#include "core/config.hpp"

namespace singularity::core {

struct Machine {
    std::int64_t cores = 1;
    std::int64_t memory_mb = 0;
};

// Cores that this process may use, and the system's memory. Where that can't be told: one core, 2 GB.
Machine this_machine();

struct JobBounds {
    std::int64_t boxes = 0;      // twice the cores: jobs wait, too
    std::int64_t memory_mb = 0;  // half of the machine's
    std::int64_t per_agent = 0;  // one box less, so that no agent has them all
};

JobBounds job_bounds(const Config& config, const Machine& machine);

}  // namespace singularity::core
