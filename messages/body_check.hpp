// What no schema says of a body, and what everything that stores or reads it needs.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace singularity::messages {

inline constexpr std::size_t kMaxBodyBytes = 32 * 1024 * 1024;  // as JSON, blobs in their places
inline constexpr std::size_t kMaxDepth = 200;

// The length as JSON; counting ends soon after `stop_at`.
std::size_t serialized_size(const boost::json::value& value, std::size_t stop_at);
std::size_t serialized_size(const boost::json::object& body, std::size_t stop_at);

// One line for each string or name that is no UTF-8 (lone surrogates are none) or holds NUL, which jsonb
// can't keep, for each number that is not finite, for what nests too deep, and for what reads as a reference
// to a blob; ten at most.
std::vector<std::string> text_problems(const boost::json::object& body);

}  // namespace singularity::messages
