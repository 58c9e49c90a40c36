// A message body against the JSON Schema of its queue.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

#include "core/error.hpp"

namespace singularity::messages {

// invalid_input with one detail for each violation ("evidence[3].confidence: …"), ten at most; not_found
// where the queue has no schema. Aliases of queues are queues. Thread-safe; schemas are parsed once.
core::Expected<void> validate(std::string_view queue, const boost::json::value& body);

}  // namespace singularity::messages
