// What a document names and its type does not: a misspelt field would be ignored in silence.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace singularity::messages {

// The paths ("limits.memory") of what is in `given` and not in `understood`, which is the same document read
// by its type and written again. Nulls are nothing.
std::vector<std::string> unknown_fields(const boost::json::object& given,
                                        const boost::json::object& understood);

}  // namespace singularity::messages
