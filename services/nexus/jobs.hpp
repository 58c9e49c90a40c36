// /api/v1/jobs: code to be run, how it stands, what it writes while it runs, its end. docs/genesis.md tells
// of it.
#pragma once

#include <chrono>

#include "http/router.hpp"
#include "services/nexus/job_store.hpp"
#include "services/nexus/job_watchers.hpp"

namespace singularity::services::nexus {

struct JobsOptions {
    std::chrono::milliseconds heartbeat{15'000};  // between comments of a stream where nothing else happens
};

// `store` and `watchers` outlive the router.
void add_jobs(http::Router& router, JobStore& store, JobWatchers& watchers, JobCheck check,
              JobsOptions options = {});

}  // namespace singularity::services::nexus
