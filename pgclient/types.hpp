// Values that PostgreSQL has and C++ lacks, in the form rows and parameters carry them.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

using Oid = std::uint32_t;

// bytea. (A std::vector of anything but std::byte is a one-dimensional array.)
using Bytes = std::vector<std::byte>;

// timestamptz, in UTC. 'infinity' and '-infinity' are Timestamp::max() and Timestamp::min().
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;

    // The canonical form of RFC 9562: 8-4-4-4-12 lower-case hexadecimal digits.
    std::string to_string() const;
    // Accepts that form in either case; nothing else.
    static std::optional<Uuid> parse(std::string_view text);
};

}  // namespace singularity::pgclient
