// CentralCloudUpdateWorker: what an instance learned and noticed, told to CentralCloud. The update is
// committed to the outbox, with whatever else its caller's transaction holds, and carried from there.
#pragma once

#include "messages/centralcloud_update.hpp"
#include "messages/publishing.hpp"
#include "pgclient/connection.hpp"

namespace singularity::services::instance {

// The id in the outbox. invalid_input names each field that is missing or wrong. `own` is the instance's
// database, in a transaction or not.
pgclient::Task<core::Expected<std::int64_t>> queue_centralcloud_update(pgclient::Connection& own,
                                                                       messages::CentralCloudUpdate update,
                                                                       messages::Defaults defaults);

}  // namespace singularity::services::instance
