#include "core/clock.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "core/format.hpp"

namespace singularity::core {

namespace {

std::chrono::seconds offset() {
    // Nobody changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* value = std::getenv("SINGULARITY_CLOCK_OFFSET_SECONDS");
    const std::string_view text = value ? value : "";
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds(seconds);
}

}  // namespace

Timestamp now() {
    static const std::chrono::seconds kOffset = offset();
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
           kOffset;
}

std::string rfc3339(Timestamp time) {
    return core::format("{:%FT%TZ}", time);
}

std::string readable(std::chrono::nanoseconds duration) {
    const double ns = static_cast<double>(duration.count());
    if (ns < 1e6) return core::format("{:.0f} µs", ns / 1e3);
    if (ns < 1e9) return core::format("{:.1f} ms", ns / 1e6);
    return core::format("{:.2f} s", ns / 1e9);
}

}  // namespace singularity::core
