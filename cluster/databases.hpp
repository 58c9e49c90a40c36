// What the supervisor asks of the databases, by the operator's own connection: whether a SELECT works,
// and that everything in them is prepared for the services (schema/bootstrap.hpp).
#pragma once

#include "cluster/backbone.hpp"
#include "cluster/supervisor.hpp"
#include "core/config.hpp"

namespace singularity::cluster {

// Keeps one connection between calls and opens another when it breaks.
Probe server_probe(const Backbone& backbone);

Bootstrap database_bootstrap(const Backbone& backbone, const core::Config& config);

}  // namespace singularity::cluster
