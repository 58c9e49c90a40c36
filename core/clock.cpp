#include "core/clock.hpp"

#include <format>

namespace singularity::core {

Timestamp now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string rfc3339(Timestamp time) {
    return std::format("{:%FT%TZ}", time);
}

std::string readable(std::chrono::nanoseconds duration) {
    const double ns = static_cast<double>(duration.count());
    if (ns < 1e6) return std::format("{:.0f} µs", ns / 1e3);
    if (ns < 1e9) return std::format("{:.1f} ms", ns / 1e6);
    return std::format("{:.2f} s", ns / 1e9);
}

}  // namespace singularity::core
