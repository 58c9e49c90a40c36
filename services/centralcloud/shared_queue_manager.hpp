// SharedQueueManager: the queues through which the services talk, made at start with what the configuration
// says of them.
#pragma once

#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::centralcloud {

// Makes every queue that is missing, with its rights, and tells how long each keeps its archive. Where the
// configuration forbids that (auto_initialize) it makes nothing and says which are missing. Tries again until
// the database is there; returns when all queues are, at once where the bus is not used.
boost::asio::awaitable<void> ensure_queues(Service& service, pgclient::Pool& shared);

}  // namespace singularity::services::centralcloud
