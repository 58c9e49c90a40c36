// What is answered about a request, by its state.
#pragma once

#include "http/message.hpp"
#include "services/nexus/request_waiters.hpp"

namespace singularity::services::nexus {

// In one line, with the answer as the database wrote it.
std::string to_json(const Answer& answer);
boost::json::object to_json(const Standing& dead);

// Of one that was looked for.
http::Response response_of(const RequestWaiters::Waiter& waiter);

// Why an answer that is not there can't be taken.
http::Response refusal_to_take(const RequestWaiters::Waiter& waiter);

http::Response unavailable();
http::Response too_many_wait();

}  // namespace singularity::services::nexus
