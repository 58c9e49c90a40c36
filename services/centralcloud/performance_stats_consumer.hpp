// PerformanceStatsConsumer: what jobs used (queue performance_stats_published) becomes rows of
// central.job_statistics, each message once. Messages that are there at the same time are stored by one
// statement; one that is refused hinders no other.
#pragma once

#include "services/runtime/consumer.hpp"

namespace singularity::services::centralcloud {

// As many messages at a time as one statement shall store, where the configuration says nothing else.
ConsumerOptions statistics_options(const core::Config& config);

// `hub` outlives the handler. It makes its effect once by itself: Once::by_handler.
Handler accept_statistics(pgclient::Pool& hub);

}  // namespace singularity::services::centralcloud
