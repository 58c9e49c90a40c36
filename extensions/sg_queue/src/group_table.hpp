// What shared memory holds of a queue's groups: the groups, and where each message stands in its own.
#pragma once

#include "extensions/sg_queue/src/pairing_heap.hpp"
#include "extensions/sg_queue/src/slot.hpp"

namespace singularity::queue {

struct Group {
    GroupKey key;
    std::uint64_t served;       // when one of its messages was claimed last, by the count of claims
    std::uint32_t first, last;  // slot + 1 of its members, or 0
    std::uint32_t seen;         // the first that others see, or 0
    std::uint32_t best;         // slot + 1 of the ready member that is claimed next, or 0
    std::uint32_t in_flight;    // of its members
    std::uint32_t position;     // among the open ones
    std::uint32_t place;        // in the line
    std::uint32_t next;         // in its bucket, or in the list of unused groups
    bool open, in_line;
};

enum class Phase : std::uint8_t { idle, ready, in_flight };

struct Membership {
    std::uint32_t group;           // + 1; 0: none
    std::uint32_t next, previous;  // slot + 1 of its neighbours, or 0
    HeapLinks ready;               // among the ready ones of its group
    Phase phase;                   // as the line has it
};

// All zeros is no groups.
struct GroupCounts {
    std::uint32_t touched, first_unused, open, in_line, in_flight;
    std::uint64_t claims;
};

// As many of each as slots.
struct GroupArrays {
    std::span<Group> groups;
    std::span<Membership> members;   // by slot
    std::span<std::uint32_t> order;  // of the open groups
    std::span<std::uint32_t> line;
    std::span<std::uint32_t> buckets;

    static constexpr std::size_t kBytesPerSlot =
        sizeof(Group) + sizeof(Membership) + 3 * sizeof(std::uint32_t);
    static GroupArrays in(void* memory, std::uint32_t capacity);
};

}  // namespace singularity::queue
