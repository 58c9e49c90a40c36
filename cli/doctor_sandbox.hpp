// `singularity doctor` and the sandbox.
#pragma once

#include <vector>

#include "cluster/doctor.hpp"

namespace singularity::cli {

// Makes boxes and attacks them, in a second or two. Leaves nothing.
std::vector<cluster::Check> examine_sandbox(const core::Config& config);

}  // namespace singularity::cli
