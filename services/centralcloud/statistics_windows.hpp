// Closes the windows of job statistics: tells the hub how far its consumer is, and has it publish what is
// over. pg_cron does the second part, too, where there is one; doing it twice publishes nothing twice.
#pragma once

#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::centralcloud {

// Until it is cancelled.
boost::asio::awaitable<void> close_windows(Service& service, pgclient::Pool& shared, pgclient::Pool& hub);

}  // namespace singularity::services::centralcloud
