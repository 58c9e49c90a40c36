#include "services/runtime/jitter.hpp"

#include <random>

namespace singularity::services {

std::uint64_t random_bits() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return generator();
}

}  // namespace singularity::services
