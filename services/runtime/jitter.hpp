// Randomness for pauses between attempts.
#pragma once

#include <cstdint>

namespace singularity::services {

// Uniform over all values.
std::uint64_t random_bits();

}  // namespace singularity::services
