// Ids for requests, made before any database has heard of them.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace singularity::messages {

// A ULID, later than all that this process made before, also where the clock steps back. Thread-safe. Throws
// std::runtime_error where the clock is outside what a ULID can hold, std::system_error without randomness.
std::string new_request_id();

// What a message is known by: its request_id, else its id, else its query_id, of those that are texts and not
// empty; else "".
std::string request_id_of(const boost::json::object& body);

// In bytes: what a queue's unique key may have.
inline constexpr std::size_t kLongestRequestId = 512;

// Why a text can be nobody's id, after its name ("is blank"); empty where it can.
std::string trouble_with_request_id(std::string_view id);

}  // namespace singularity::messages
