// SharedQueueManager: the queues through which the services talk, made at start.
#pragma once

#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::centralcloud {

// Makes every queue that is missing, with its rights. Tries again until the database is there; returns
// when all queues are.
boost::asio::awaitable<void> ensure_queues(Service& service, pgclient::Pool& shared);

}  // namespace singularity::services::centralcloud
