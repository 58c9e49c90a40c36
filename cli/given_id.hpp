// A flag's value that names a request: refused where a script's variable was empty.
#pragma once

#include <string>

namespace singularity::cli {

inline std::string given_id(const std::string& text) {
    return text.empty() ? "an id is needed, not an empty text" : "";
}

}  // namespace singularity::cli
