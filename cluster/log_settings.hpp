// The log of the supervisor, and of what begins with it: as the configuration wants it.
#pragma once

#include <string_view>

#include "core/config.hpp"

namespace singularity::cluster {

// Again after standard error has been moved: whether it is a terminal decides between text and JSON.
void configure_log(const core::Config& config, std::string_view part = "supervisor");

}  // namespace singularity::cluster
