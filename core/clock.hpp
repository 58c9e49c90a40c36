// Wall-clock time as the system writes it down: UTC, RFC 3339, microseconds.
#pragma once

#include <chrono>
#include <string>

namespace singularity::core {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// The system's clock. Tests have one service's clock go wrong by so many seconds:
// SINGULARITY_CLOCK_OFFSET_SECONDS, a whole number, read once; for nothing else, and no setting of the
// system.
Timestamp now();

// "2026-11-21T10:37:31.123456Z"; `decimals` of the seconds, from 1 to 6.
std::string rfc3339(Timestamp time, int decimals = 6);

// A duration for people: "830 µs", "12.4 ms", "3.21 s".
std::string readable(std::chrono::nanoseconds duration);

}  // namespace singularity::core
