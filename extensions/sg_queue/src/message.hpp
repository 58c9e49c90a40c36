// The words that every part of the queue engine shares.
#pragma once

#include <compare>
#include <cstdint>

namespace singularity::queue {

using MessageId = std::int64_t;
using Time = std::int64_t;  // a timestamptz: microseconds since 2000-01-01 UTC

// Where a row version lies in its table: PostgreSQL's TID.
struct Place {
    std::uint32_t block = 0;
    std::uint16_t offset = 0;

    friend bool operator==(Place, Place) = default;
};

// The version of a message's row that a reader would claim: where it lies, when it becomes visible.
struct Version {
    Place place;
    Time due = 0;
};

}  // namespace singularity::queue
