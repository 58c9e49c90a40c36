// How a backbone is now: what its supervisor wrote, if there still is a supervisor.
#pragma once

#include "cluster/status.hpp"

namespace singularity::cluster {

// State "stopped" where no supervisor runs. The disk is looked at now: on a full one the supervisor could not
// write that it is. Refused for those who may not look into the home.
core::Expected<Status> current_status(const Home& home);

// Refused where the home is there and the caller may not look into it; success where there is none.
core::Expected<void> check_may_look(const Home& home);

}  // namespace singularity::cluster
