// The text of a message, read such that what is wrong with it can be told by field.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

#include "core/error.hpp"

namespace singularity::messages {

// invalid_input, in one sentence, where the text is no JSON. Bytes that are no UTF-8 and halves of surrogate
// pairs, written as such or as \uD800, are read as they are, and so is what nests deeper than a message may:
// complete() (publishing.hpp) refuses them and says where they stand.
core::Expected<boost::json::value> parse(std::string_view text);

}  // namespace singularity::messages
