// Draws insights from windows of statistics as they arrive in the replicas. pg_cron does it, too, where there
// is one; each window is taken once, whoever comes first.
#pragma once

#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::genesis {

// Until it is cancelled.
boost::asio::awaitable<void> draw_insights(Service& service, pgclient::Pool& own);

}  // namespace singularity::services::genesis
