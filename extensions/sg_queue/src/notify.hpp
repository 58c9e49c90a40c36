// Telling listeners on channel pgmq.q_<name>.INSERT that something was sent.
#pragma once

#include "extensions/sg_queue/src/queue_table.hpp"

namespace singularity::queue {

// At the sender's commit, and no oftener than the queue's throttle allows.
void notify_listeners(const OpenQueue& queue);

}  // namespace singularity::queue
