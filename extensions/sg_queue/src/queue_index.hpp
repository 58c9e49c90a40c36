// All that shared memory knows of a queue's messages: slots for as many as the bound allows, marks of blocks
// for the rest.
#pragma once

#include <algorithm>

#include "extensions/sg_queue/src/block_marks.hpp"
#include "extensions/sg_queue/src/ready_index.hpp"

namespace singularity::queue {

struct QueueIndex {
    ReadyIndex slots;
    BlockMarks marks;
    std::uint32_t bound;  // of slots; what transactions hold and a block that is read may exceed it

    bool whole;  // all have slots: groups, and what claims in memory say, are known of slots only

    bool paused;  // nothing may be claimed

    bool over_bound() const { return !whole && slots.used() >= bound; }
    bool over_twice_bound() const { return !whole && slots.used() >= 2 * std::uint64_t{bound}; }

    // Whether there is a message that may be claimed.
    bool any_ready(Time now) {
        if (paused) return false;
        if (marks.any_ready(now)) return true;
        return slots.ready_by(now) > 0 && next_slot() != kNoSlot;
    }
    // Of those that ready_by() has seen, the next to be claimed; kNoSlot where there is none, or it may not
    // be.
    std::uint32_t next_slot() const {
        if (paused) return kNoSlot;
        const ClaimLine& line = slots.groups().line();
        return line.on() ? line.first() : slots.first_ready();
    }

    std::optional<Time> next_due() const {
        const auto slot = slots.next_due(), mark = marks.next_due();
        return slot && mark ? std::min(*slot, *mark) : slot ? slot : mark;
    }

    // The block that must be read before the next message can be told.
    std::optional<std::uint32_t> block_to_read(Time now) {
        if (paused || !marks.any_ready(now)) return std::nullopt;
        const std::uint32_t block = marks.first_ready();
        const bool comes_first =
            slots.ready_by(now) == 0 || marks[block].order() < slots[slots.first_ready()].order();
        return comes_first ? std::optional(block) : std::nullopt;
    }

    // Where a message goes that nobody holds. Its ticket may be empty: then there was no room for a slot.
    // True where it is ready at once.
    bool settle(Ticket ticket, Order order, Version version, Time now) {
        const bool mine = slots.is_held_by(ticket);
        if (ticket && !mine) return false;
        const bool mark = !ticket || over_bound();
        if (!mark || !marks.covers(version.place.block)) return slots.release(ticket, version, now);
        if (mine) slots.remove(ticket);
        marks.add(order, version, now);
        return version.due <= now;
    }

    // What a row says of its message's time, where that is sooner. Too early does no harm, too late would:
    // whoever claims looks at the row. Where all have slots they are never late, and tell of claims too.
    void hasten(std::uint32_t slot, const Version& row, Time now) {
        const bool late = slots[slot].state == SlotState::waiting && slots[slot].due > row.due;
        if (late && !whole) slots.release(slots.hold(slot), row, now);
    }

    void clear() {
        slots.clear();
        marks.clear();
    }
};

}  // namespace singularity::queue
