// Ids for requests, made before any database has heard of them.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace singularity::messages {

// A ULID, later than all that this process made before, also where the clock steps back. Thread-safe. Throws
// std::runtime_error where the clock is outside what a ULID can hold, std::system_error without randomness.
std::string new_request_id();

// What a message is known by: its request_id, else its id, else its query_id, of those that are texts and not
// empty; else "".
std::string request_id_of(const boost::json::object& body);

}  // namespace singularity::messages
