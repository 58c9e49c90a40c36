// The groups of a queue whose readers ask for first in, first out: of each, its messages in the order of
// their ids, and which groups are open.
//
// A group is open while its first message is ready; one that is claimed or delayed closes what is behind it.
// Messages of open transactions that nobody sees yet do not count. Follows the slots of an index, whose every
// change it hears of.
#pragma once

#include "extensions/sg_queue/src/slot.hpp"

namespace singularity::queue {

using GroupKey = std::uint64_t;  // a hash: groups that collide share their order

struct Group {
    GroupKey key;
    MessageId head;             // the id of its first message, while it is open
    std::uint32_t first, last;  // slot + 1 of its members, or 0
    std::uint32_t position;     // among the open ones
    std::uint32_t next;         // in its bucket, or in the list of unused groups
    bool open;
};

struct Membership {
    std::uint32_t group;           // + 1; 0: none
    std::uint32_t next, previous;  // slot + 1 of its neighbours, or 0
};

// All zeros is no groups.
struct GroupCounts {
    std::uint32_t touched, first_unused, open;
};

// As many of each as slots.
struct GroupArrays {
    std::span<Group> groups;
    std::span<Membership> members;   // by slot
    std::span<std::uint32_t> order;  // of the open groups
    std::span<std::uint32_t> buckets;

    static constexpr std::size_t kBytesPerSlot =
        sizeof(Group) + sizeof(Membership) + 2 * sizeof(std::uint32_t);
    static GroupArrays in(void* memory, std::uint32_t capacity);
};

class GroupIndex {
public:
    GroupIndex(GroupCounts& counts, GroupArrays arrays, std::span<Slot> slots)
        : counts_(&counts), arrays_(arrays), slots_(slots) {}

    bool on() const { return !arrays_.groups.empty(); }

    void join(std::uint32_t slot, GroupKey key);
    void leave(std::uint32_t slot);
    void changed(std::uint32_t slot);  // its state

    // The first message of the open group that waits longest, or kNoSlot.
    std::uint32_t first_open() const;
    // The next message of the same group that others see, or kNoSlot.
    std::uint32_t behind(std::uint32_t slot) const;
    std::uint32_t group_of(std::uint32_t slot) const { return arrays_.members[slot].group; }

    void move_to(GroupArrays larger, std::span<Slot> slots);
    void clear();

private:
    struct ByHead;
    auto open();

    std::uint32_t& bucket_of(GroupKey key) const {
        return arrays_.buckets[key & (arrays_.buckets.size() - 1)];
    }
    std::uint32_t find_or_make(GroupKey key);
    void drop(std::uint32_t group);
    void judge(std::uint32_t group);
    std::uint32_t head_of(const Group& group) const;

    GroupCounts* counts_;
    GroupArrays arrays_;
    std::span<Slot> slots_;
};

}  // namespace singularity::queue
