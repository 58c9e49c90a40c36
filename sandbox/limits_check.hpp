// Whether limits are within bounds: what a client asks is checked by both sides.
#pragma once

#include <optional>
#include <string>

#include "sandbox/limits.hpp"

namespace singularity::sandbox {

// Which limit is wrong and what would be right; nothing where all are.
std::optional<std::string> refuse_limits(const Limits& limits);
std::optional<std::string> refuse_limits(const WorkspaceLimits& limits);

}  // namespace singularity::sandbox
