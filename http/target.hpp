// What stands in a request's target: percent-encoded path segments and the query behind '?'.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace singularity::http {

using Parameters = std::map<std::string, std::string, std::less<>>;

// invalid_input where a '%' is not followed by two hexadecimal digits.
core::Expected<std::string> percent_decoded(std::string_view text);

// As one segment of a path: all but RFC 3986's unreserved characters is encoded.
std::string percent_encoded(std::string_view text);

// "wait=5&name=a+b" to decoded names and values; a name without '=' has an empty value. invalid_input
// for a wrong encoding and for a name that is given twice.
core::Expected<Parameters> parse_query(std::string_view query);

}  // namespace singularity::http
