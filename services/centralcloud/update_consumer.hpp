// What instances tell of themselves (queue centralcloud_updates) becomes rows of instance_updates.
#pragma once

#include "services/runtime/handler.hpp"

namespace singularity::services::centralcloud {

// At most `most` messages a transaction. `hub` outlives the handler. It makes its effect once by itself:
// Once::by_handler.
Handler accept_updates(pgclient::Pool& hub, std::size_t most);

}  // namespace singularity::services::centralcloud
