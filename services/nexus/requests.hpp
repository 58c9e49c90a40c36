// /api/v1/requests/{id}: the answer to a request, now, when it is there, or as an event. docs/http.md tells
// of it.
#pragma once

#include <chrono>

#include "http/router.hpp"
#include "services/nexus/request_waiters.hpp"

namespace singularity::services::nexus {

struct RequestsOptions {
    std::chrono::milliseconds heartbeat{15'000};  // between comments of a stream where nothing else happens
};

// `waiters` outlives the router.
void add_requests(http::Router& router, RequestWaiters& waiters, RequestsOptions options = {});

}  // namespace singularity::services::nexus
