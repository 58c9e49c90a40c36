// The databases that a consumer works between: where its queue is, and its service's own.
#pragma once

#include "pgclient/pool.hpp"

namespace singularity::services {

struct Bus {
    pgclient::Pool& queues;                  // the database of the queue
    pgclient::ConnectOptions queue_connect;  // the same, for the session that waits
    pgclient::Pool& own;                     // the service's database: inbox, effects, outbox
};

}  // namespace singularity::services
