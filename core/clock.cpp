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

// By hand: the standard's formatting of dates takes three seconds to compile.
std::string rfc3339(Timestamp time, int decimals) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    const std::string fraction = core::format("{:06}", clock.subseconds().count());
    return core::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{}Z", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                        clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                        std::string_view(fraction).substr(0, static_cast<std::size_t>(decimals)));
}

std::string readable(std::chrono::nanoseconds duration) {
    const double ns = static_cast<double>(duration.count());
    if (ns < 1e6) return core::format("{:.0f} µs", ns / 1e3);
    if (ns < 1e9) return core::format("{:.1f} ms", ns / 1e6);
    return core::format("{:.2f} s", ns / 1e9);
}

}  // namespace singularity::core
