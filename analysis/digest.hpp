// SHA-256 as 64 lower-case hex digits.
#pragma once

#include <string>
#include <string_view>

namespace singularity::analysis {

std::string sha256_hex(std::string_view bytes);

}  // namespace singularity::analysis
