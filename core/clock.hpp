// Wall-clock time as the system writes it down: UTC, RFC 3339, microseconds.
#pragma once

#include <chrono>
#include <string>

namespace singularity::core {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

Timestamp now();

// "2026-11-21T10:37:31.123456Z"
std::string rfc3339(Timestamp time);

// A duration for people: "830 µs", "12.4 ms", "3.21 s".
std::string readable(std::chrono::nanoseconds duration);

}  // namespace singularity::core
