// Which messages of one queue can be claimed now, which later: an index over the versions of their rows that
// lives in shared memory and answers without touching the table.
//
// A message's slot is in one of four states. `ready`: due, in a heap by priority and id. `waiting`: due
// later, in a heap by time. `held`: an open transaction has claimed, changed or deleted it. `fresh`: an open
// transaction has sent it, and perhaps claimed it since. Whoever holds a slot has its ticket; the
// transaction's end releases it with the version that then counts, or removes it. A slot that somebody else
// has taken meanwhile ignores an old ticket.
//
// The index is a hint that is right but for what reached the table behind its back: whoever claims looks at
// the row. It allocates nothing and throws nothing; every change is O(log n). Not locked: its users are.
#pragma once

#include <optional>
#include <span>

#include "extensions/sg_queue/src/group_index.hpp"

namespace singularity::queue {

struct Ticket {
    std::uint32_t slot = kNoSlot;
    std::uint32_t number = 0;

    explicit operator bool() const { return slot != kNoSlot; }
};

// What the arrays hold. All zeros is an index without arrays.
struct IndexCounts {
    std::uint32_t capacity;      // of the arrays; a power of two
    std::uint32_t touched;       // slots that were ever used
    std::uint32_t first_unused;  // + 1; 0: none but those never touched
    std::uint32_t ready, waiting, held, fresh;
    std::uint32_t last_ticket;
};

struct IndexArrays {
    std::span<Slot> slots;
    std::span<Lease> leases;           // by slot, or none
    std::span<std::uint32_t> order;    // both heaps
    std::span<std::uint32_t> buckets;  // slot + 1, or 0; as many as slots

    static std::size_t bytes_per_slot(bool leases);
    static IndexArrays in(void* memory, std::uint32_t capacity, bool leases);
};

class ReadyIndex {
public:
    // Without groups where `groups` has no arrays.
    ReadyIndex(IndexCounts& counts, IndexArrays arrays, GroupIndex groups)
        : counts_(counts), arrays_(arrays), groups_(groups) {}

    const Slot& operator[](std::uint32_t slot) const { return arrays_.slots[slot]; }
    Version version(std::uint32_t slot) const;
    std::uint32_t slots() const { return counts_.touched; }  // used or not
    std::uint32_t used() const { return counts_.ready + counts_.waiting + counts_.held + counts_.fresh; }
    bool full() const { return used() == counts_.capacity; }
    std::uint32_t find(MessageId id) const;  // kNoSlot where it is not here

    // A slot for a message that nobody else sees yet. Must not be full, nor hold the id.
    Ticket add(MessageId id, std::int8_t priority, SlotState state = SlotState::fresh,
               std::int32_t holder = 0);

    // Of whatever state: from now on the slot is the caller's, to be claimed or otherwise changed. What is
    // fresh is its sender's alone, and stays so when he claims it.
    Ticket take(std::uint32_t slot, std::int32_t holder = 0);
    Ticket hold(std::uint32_t slot, std::int32_t holder = 0);
    void unclaim(Ticket ticket);  // whoever holds it has not claimed it any more
    std::int32_t holder(std::uint32_t slot) const { return arrays_.leases[slot].holder; }
    // The next to be claimed of those that ready_by() has seen, or kNoSlot.
    std::uint32_t first_ready() const { return counts_.ready == 0 ? kNoSlot : arrays_.order.front(); }

    bool is_held_by(Ticket ticket) const;
    // Gives a slot back; true where its message can be claimed at once. Nothing where it was taken away.
    bool release(Ticket ticket, Version version, Time now);
    void remove(Ticket ticket);

    // When the next waiting message becomes due; none waiting: nullopt.
    std::optional<Time> next_due() const;
    // Moves what is due to the ready ones and tells how many there are.
    std::uint32_t ready_by(Time now);

    GroupIndex& groups() { return groups_; }
    const GroupIndex& groups() const { return groups_; }

    // Puts everything into larger arrays, which are zeroed.
    void move_to(IndexArrays larger, GroupArrays larger_groups);
    // Forgets everything; tickets of before fit no slot of later.
    void clear();
    // The slots of what ready_by() has seen, in no order.
    std::span<const std::uint32_t> every_ready() const { return arrays_.order.first(counts_.ready); }

private:
    struct ByPriority;
    struct ByTime;
    auto ready();
    auto waiting();

    std::uint32_t bucket_of(MessageId id) const;
    std::uint32_t unused_slot();
    void link(std::uint32_t slot);
    void unlink(std::uint32_t slot);
    void leave(std::uint32_t slot);  // its heap or its count
    Ticket keep(std::uint32_t slot, std::int32_t holder, SlotState state, bool claimed);

    IndexCounts& counts_;
    IndexArrays arrays_;
    GroupIndex groups_;
};

}  // namespace singularity::queue
