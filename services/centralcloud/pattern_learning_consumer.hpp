// PatternLearningConsumer: what instances discovered becomes CentralCloud's candidates and approved
// patterns. Each message is accepted in one statement of the hub's database (inbox row, evidence,
// confidence, approval).
#pragma once

#include "services/runtime/handler.hpp"

namespace singularity::services::centralcloud {

// `hub` outlives the handler. It makes its effect once by itself: Once::by_handler.
Handler accept_patterns(pgclient::Pool& hub);

}  // namespace singularity::services::centralcloud
