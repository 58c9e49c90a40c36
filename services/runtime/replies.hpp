// What a handler answers, as it is put into the outbox.
#pragma once

#include "services/runtime/handler.hpp"

namespace singularity::services {

struct Replies {
    std::vector<std::string> queues;  // each one's
    std::vector<boost::json::value> bodies;
};

// Throws std::runtime_error where one is no message of its queue.
Replies complete_replies(const std::string& request_id, const boost::json::object& request,
                         const Outcome& outcome);

// What the request's row of the inbox keeps of them; none where there are none.
std::optional<boost::json::value> remembered(const Replies& replies);

}  // namespace singularity::services
