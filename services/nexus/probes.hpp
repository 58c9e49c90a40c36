// /healthz: the process answers. /readyz: what it depends on answers too, or which does not.
#pragma once

#include "http/router.hpp"
#include "services/runtime/health.hpp"

namespace singularity::services::nexus {

// `health` outlives the router.
void add_probes(http::Router& router, const Health& health);

}  // namespace singularity::services::nexus
