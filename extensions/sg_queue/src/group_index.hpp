// The groups of a queue whose readers ask for first in, first out: of each, its messages in the order of
// their ids, and which groups are open.
//
// A group is open while its first message is ready; one that is claimed or delayed closes what is behind it.
// Messages of open transactions that nobody sees yet do not count. Follows the slots of an index, whose every
// change it hears of.
#pragma once

#include "extensions/sg_queue/src/claim_line.hpp"

namespace singularity::queue {

class GroupIndex {
public:
    GroupIndex(GroupCounts& counts, GroupArrays arrays, std::span<Slot> slots, const ClaimRules& rules)
        : counts_(&counts), arrays_(arrays), slots_(slots), line_(counts, arrays, slots, rules) {}

    bool on() const { return !arrays_.groups.empty(); }

    void join(std::uint32_t slot, GroupKey key);
    void leave(std::uint32_t slot);
    void changed(std::uint32_t slot);  // its state

    // The first message of the open group that waits longest, or kNoSlot.
    std::uint32_t first_open() const;
    // The next message of the same group that others see, or kNoSlot.
    std::uint32_t behind(std::uint32_t slot) const;
    std::uint32_t group_of(std::uint32_t slot) const { return arrays_.members[slot].group; }
    const ClaimLine& line() const { return line_; }

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
    void judge(std::uint32_t group, std::uint32_t seen);
    // Slots + 1, or 0: the first that others see of a group, one of whose slots may have become so; from a
    // slot on.
    std::uint32_t seen_with(const Group& group, std::uint32_t slot) const;
    std::uint32_t skip_fresh(std::uint32_t link) const;

    GroupCounts* counts_;
    GroupArrays arrays_;
    std::span<Slot> slots_;
    ClaimLine line_;
};

}  // namespace singularity::queue
