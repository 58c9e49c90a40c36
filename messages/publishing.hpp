// The last look at a message before it goes to a queue: what its sender left out is filled in, what no
// consumer could take is refused.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "messages/request_id.hpp"

namespace singularity::messages {

// What the publisher knows that the message may not say. Empty: nothing is filled in.
struct Defaults {
    std::string request_id{};  // empty: a new ULID, but for answers: they have their requests'
    std::string instance_id{}, agent_id{}, traceparent{};
    std::optional<core::Timestamp> enqueued_at{};  // none: now, where the request_id is new
};

// Fills in, where it is missing, null or "": schema_version, request_id and its older name (each from the
// other), instance_id, agent_id, traceparent, enqueued_at, and "auto" for model and provider of what Nexus
// routes. Then checks: size, text, schema. The same message, given again with its request_id, comes out the
// same: that is why it gets no enqueued_at unless one is given.
//
// `queue` may be an alias. not_found where it has no contract; invalid_input with one detail for each
// problem, which begins with the field's path. Blobs are still in their places (blob_references.hpp).
// Thread-safe.
core::Expected<boost::json::object> complete(std::string_view queue, boost::json::object body,
                                             const Defaults& defaults);
// A body that is no object is refused.
core::Expected<boost::json::object> complete(std::string_view queue, boost::json::value body,
                                             const Defaults& defaults);

// Of a body that a person or another program wrote: a line for each of its ids that is "", where the writer
// meant an id and had none. complete() takes them for missing.
std::vector<std::string> empty_ids(std::string_view queue, const boost::json::object& body);

}  // namespace singularity::messages
