// PerformanceStatsConsumer: what jobs used (queue performance_stats_published) becomes rows of
// central.job_statistics, each message once. Messages that are there at the same time are stored by one
// statement; one that is refused hinders no other.
#pragma once

#include "services/runtime/handler.hpp"

namespace singularity::services::centralcloud {

// At most `most` messages a statement. `hub` outlives the handler. It makes its effect once by itself:
// Once::by_handler.
Handler accept_statistics(pgclient::Pool& hub, std::size_t most);

}  // namespace singularity::services::centralcloud
