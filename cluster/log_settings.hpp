// The supervisor's own log: as the configuration wants it.
#pragma once

#include "core/config.hpp"

namespace singularity::cluster {

// Again after standard error has been moved: whether it is a terminal decides between text and JSON.
void configure_log(const core::Config& config);

}  // namespace singularity::cluster
