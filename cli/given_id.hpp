// A flag's value that names a request. A script whose variable is empty meant an id, and not a new one.
#pragma once

#include <string>

namespace singularity::cli {

inline std::string given_id(const std::string& text) {
    return text.empty() ? "an id is needed, not an empty text" : "";
}

}  // namespace singularity::cli
