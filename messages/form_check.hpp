// Whether texts that mean times and traces can be read as such.
//
// Schemas leave them open, for consumers take what was sent without a publisher as it is. Who publishes is
// told.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace singularity::messages {

// A line for each of enqueued_at, traceparent and, of what is answered, expires_at that is a text and no time
// (times.hpp) or no W3C Trace Context. Empty ones are none.
std::vector<std::string> form_problems(std::string_view queue, const boost::json::object& body);

// A traceparent of version 00, or what a later one begins with.
bool is_traceparent(std::string_view text);

}  // namespace singularity::messages
