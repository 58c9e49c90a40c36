// `/`: one page that shows people what the backbone holds: approved patterns, queues, replication.
#pragma once

#include "http/router.hpp"
#include "services/nexus/store.hpp"

namespace singularity::services::nexus {

// `store` outlives the router.
void add_console(http::Router& router, Store& store);

// Text as it may stand in HTML.
std::string escaped(std::string_view text);

}  // namespace singularity::services::nexus
