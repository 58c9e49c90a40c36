// What the engine of a queue is told of a message, in the headers that it knows: its unique key, whose turn
// it is, how urgent it is.
#pragma once

#include <boost/json/object.hpp>

#include <string_view>

namespace singularity::messages {

// Of a completed body. Instances take turns at the reader; where the queue's contract says so, agents do.
boost::json::object headers_of(std::string_view queue, const boost::json::object& body);

}  // namespace singularity::messages
