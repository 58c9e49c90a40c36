// What an instance learned, on its way to CentralCloud: which queue carries it, and the record of what was
// sent.
#pragma once

#include "services/runtime/relay.hpp"

namespace singularity::services::instance {

inline const Route kPatternRoute{.local_queue = "centralcloud-new-patterns",
                                 .shared_queue = "pattern_discoveries_published"};

// Notes each revision of a pattern that is on the bus in learning_sync_log, once. `own` is the instance's
// database and outlives it.
Carried note_sent_patterns(pgclient::Pool& own);

}  // namespace singularity::services::instance
