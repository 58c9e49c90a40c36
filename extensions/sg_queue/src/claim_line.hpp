// Which message is claimed next where a queue's options say more than its order: groups take turns, and only
// so many messages are in flight, of the queue and of each group.
//
// A group stands in the line while it has a ready message and may have one more in flight. The line is by the
// priority of that message, then by who was served longest ago, or without turns by the message's id. Follows
// the slots of an index, whose every change it hears of; costs O(log n) each.
#pragma once

#include "extensions/sg_queue/src/group_table.hpp"

namespace singularity::queue {

// All zeros: readers take what comes first.
struct ClaimRules {
    bool turns;
    bool in_memory;                       // claims are not written
    bool paused;                          // nothing is claimed at all
    std::uint32_t most, most_of_a_group;  // in flight; 0: any number

    // Whether these change nothing in an index that follows the others.
    bool keep_index_of(ClaimRules others) const {
        others.paused = paused;
        return *this == others;
    }
    bool bounded() const { return most > 0 || most_of_a_group > 0; }
    bool line() const { return turns || bounded(); }
    friend bool operator==(const ClaimRules&, const ClaimRules&) = default;
};

class ClaimLine {
public:
    ClaimLine(GroupCounts& counts, GroupArrays arrays, std::span<Slot> slots, const ClaimRules& rules)
        : counts_(&counts), arrays_(arrays), slots_(slots), rules_(rules) {}

    bool on() const { return rules_.line() && !arrays_.groups.empty(); }

    void changed(std::uint32_t slot);  // its state; of a group's member
    void leave(std::uint32_t slot);

    // The message that is claimed next, or kNoSlot: none is ready, or enough are in flight.
    std::uint32_t first() const;
    // Whether one more may be in flight of a message's group, and of the queue.
    bool allows(std::uint32_t slot) const;

    void move_to(GroupArrays larger, std::span<Slot> slots);

private:
    struct ByOrder;
    struct ByTurn;
    auto ready_of(Group& group);
    auto line();

    void enter_phase(std::uint32_t slot, Phase phase);
    void judge(std::uint32_t group);
    bool is_full() const { return rules_.most > 0 && counts_->in_flight >= rules_.most; }
    bool is_full(const Group& group) const {
        return rules_.most_of_a_group > 0 && group.in_flight >= rules_.most_of_a_group;
    }

    GroupCounts* counts_;
    GroupArrays arrays_;
    std::span<Slot> slots_;
    ClaimRules rules_;
};

}  // namespace singularity::queue
