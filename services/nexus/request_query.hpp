// What is asked of /api/v1/requests/{id}, checked.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace singularity::services::nexus {

inline constexpr std::chrono::seconds kLongestWait{300};

struct RequestQuery {
    std::string request_id;
    std::optional<std::chrono::milliseconds> wait;
    bool events = false;
    std::string last_event_id;  // of the event that the client had last
};

// invalid_input with the field that is wrong, and how, in `details`: one line for each.
core::Expected<RequestQuery> parse_request_query(const http::Request& request);

}  // namespace singularity::services::nexus
