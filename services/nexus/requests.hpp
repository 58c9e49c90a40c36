// /api/v1/requests/{id}: the answer to a request, now, when it is there, or as an event; and that it was
// taken. docs/http.md tells of it.
#pragma once

#include <chrono>

#include "http/router.hpp"
#include "services/nexus/request_waiters.hpp"

namespace singularity::services::nexus {

struct RequestsOptions {
    std::chrono::milliseconds heartbeat{15'000};  // between comments of a stream where nothing else happens
    std::size_t max_waiting = 12'000;             // at a time; who only asks how it is now is always told
};

// `waiters` and `store` outlive the router.
void add_requests(http::Router& router, RequestWaiters& waiters, RequestStore& store,
                  RequestsOptions options = {});

}  // namespace singularity::services::nexus
