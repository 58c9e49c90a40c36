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

// What claims that were not written to the row add to it, where the queue's claims live in memory.
struct Lease {
    Time read_at = 0;
    std::int32_t reads = 0;
    std::int32_t holder = 0;  // while an open transaction has the message: its process's number

    explicit operator bool() const { return reads > 0; }
    friend bool operator==(Lease, Lease) = default;
};

// The version of a message's row that a reader would claim: where it lies, when it becomes visible, and
// whether a reader has made it.
struct Version {
    Place place;
    Time due = 0;
    bool claimed = false;
    Lease lease = {};
};

using GroupKey = std::uint64_t;  // a hash: groups that collide share their order

// How a message stands in its queue's line, as its headers say.
struct Standing {
    std::int8_t priority = 0;  // higher ones are claimed first
    GroupKey group = 0;        // where the queue keeps groups
};

constexpr int kHighestPriority = 100;  // and, negative, the lowest

// The order in which messages are claimed where groups do not matter.
struct Order {
    std::int8_t priority = INT8_MAX;
    MessageId id = INT64_MIN;

    friend std::strong_ordering operator<=>(const Order& a, const Order& b) {
        return a.priority != b.priority ? b.priority <=> a.priority : a.id <=> b.id;
    }
    friend bool operator==(const Order&, const Order&) = default;
};

}  // namespace singularity::queue
