// An index whose arrays grow as those in shared memory do.
#pragma once

#include <utility>
#include <vector>

#include "extensions/sg_queue/src/ready_index.hpp"

namespace singularity::queue::testing {

class GrowingIndex {
public:
    enum class Groups { none, kept };

    explicit GrowingIndex(Groups groups = Groups::none, const ClaimRules& rules = {})
        : index(counts, {}, {group_counts, {}, {}, rules}), groups_(groups), leases_(rules.in_memory) {}
    GrowingIndex(const GrowingIndex&) = delete;

    Ticket add(Order order, GroupKey group = 0, SlotState state = SlotState::fresh) {
        if (index.full()) grow();
        const Ticket ticket = index.add(order.id, order.priority, state);
        index.groups().join(ticket.slot, group);
        return ticket;
    }

    IndexCounts counts{};
    GroupCounts group_counts{};
    ReadyIndex index;

private:
    using Memory = std::vector<std::uint64_t>;

    void grow() {
        const std::uint32_t capacity = counts.capacity == 0 ? 4 : 2 * counts.capacity;
        Memory slots(IndexArrays::bytes_per_slot(leases_) * capacity / sizeof(std::uint64_t) + 1);
        Memory groups(GroupArrays::kBytesPerSlot * capacity / sizeof(std::uint64_t) + 1);
        const GroupArrays none;
        index.move_to(IndexArrays::in(slots.data(), capacity, leases_),
                      groups_ == Groups::kept ? GroupArrays::in(groups.data(), capacity) : none);
        slot_memory_ = std::move(slots);
        group_memory_ = std::move(groups);
    }

    Groups groups_;
    bool leases_;
    Memory slot_memory_, group_memory_;
};

}  // namespace singularity::queue::testing
