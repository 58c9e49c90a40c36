// /metrics: what the api views say, in Prometheus' text format. A database that is down leaves its
// metrics out and sets singularity_database_up to 0; the scrape itself succeeds.
#pragma once

#include "http/router.hpp"
#include "services/nexus/store.hpp"

namespace singularity::services::nexus {

// `store` outlives the router.
void add_metrics(http::Router& router, Store& store);

}  // namespace singularity::services::nexus
