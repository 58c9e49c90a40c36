// One attempt at a job, while it is made.
#pragma once

#include <exception>
#include <optional>

#include "services/genesis/shared_queue_consumer.hpp"

namespace singularity::services::genesis {

struct SharedQueueConsumer::Attempt {
    const messages::JobRequest& request;
    const JobIdentity& identity;
    RunningJobs::Job& job;
    Begun begun;
    bool has_started;        // as far as the store knows
    bool is_shared = false;  // its result is another job's
    std::optional<messages::JobResult> result = {};
    std::exception_ptr failure = {};
};

}  // namespace singularity::services::genesis
