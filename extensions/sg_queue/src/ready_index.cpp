#include "extensions/sg_queue/src/ready_index.hpp"

#include <algorithm>

#include "extensions/sg_queue/src/indexed_heap.hpp"

namespace singularity::queue {

std::size_t IndexArrays::bytes_per_slot(bool leases) {
    return sizeof(Slot) + (leases ? sizeof(Lease) : 0) + 2 * sizeof(std::uint32_t);
}

IndexArrays IndexArrays::in(void* memory, std::uint32_t capacity, bool leases) {
    auto* slots = static_cast<Slot*>(memory);
    auto* lease = reinterpret_cast<Lease*>(slots + capacity);
    const std::uint32_t leased = leases ? capacity : 0;
    auto* order = reinterpret_cast<std::uint32_t*>(lease + leased);
    return {.slots{slots, capacity},
            .leases{lease, leased},
            .order{order, capacity},
            .buckets{order + capacity, capacity}};
}

struct ReadyIndex::ByPriority {
    std::span<Slot> slots;

    bool before(std::uint32_t a, std::uint32_t b) const { return slots[a].order() < slots[b].order(); }
    std::uint32_t& position(std::uint32_t item) const { return slots[item].position_or_ticket; }
};

struct ReadyIndex::ByTime {
    std::span<Slot> slots;

    bool before(std::uint32_t a, std::uint32_t b) const { return slots[a].due < slots[b].due; }
    std::uint32_t& position(std::uint32_t item) const { return slots[item].position_or_ticket; }
};

auto ReadyIndex::ready() {
    return IndexedHeap<ByPriority, Side::front>({arrays_.slots}, arrays_.order, counts_.ready);
}

auto ReadyIndex::waiting() {
    return IndexedHeap<ByTime, Side::back>({arrays_.slots}, arrays_.order, counts_.waiting);
}

// Ids are dense: without mixing they would fill neighbouring buckets in step.
std::uint32_t ReadyIndex::bucket_of(MessageId id) const {
    const auto mixed = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U;
    return static_cast<std::uint32_t>(mixed >> 32) & (counts_.capacity - 1);
}

Version ReadyIndex::version(std::uint32_t number) const {
    const Slot& slot = arrays_.slots[number];
    return {.place = {slot.block, slot.offset},
            .due = slot.due,
            .claimed = slot.claimed,
            .lease = arrays_.leases.empty() ? Lease{} : arrays_.leases[number]};
}

std::uint32_t ReadyIndex::find(MessageId id) const {
    if (counts_.capacity == 0) return kNoSlot;
    std::uint32_t next = arrays_.buckets[bucket_of(id)];
    while (next != 0 && arrays_.slots[next - 1].id != id) next = arrays_.slots[next - 1].next;
    return next == 0 ? kNoSlot : next - 1;
}

std::uint32_t ReadyIndex::unused_slot() {
    if (counts_.first_unused == 0) return counts_.touched++;
    const std::uint32_t slot = counts_.first_unused - 1;
    counts_.first_unused = arrays_.slots[slot].next;
    return slot;
}

void ReadyIndex::link(std::uint32_t slot) {
    std::uint32_t& head = arrays_.buckets[bucket_of(arrays_.slots[slot].id)];
    arrays_.slots[slot].next = head;
    head = slot + 1;
}

void ReadyIndex::unlink(std::uint32_t slot) {
    std::uint32_t* link = &arrays_.buckets[bucket_of(arrays_.slots[slot].id)];
    while (*link != slot + 1) link = &arrays_.slots[*link - 1].next;
    *link = arrays_.slots[slot].next;
}

Ticket ReadyIndex::add(MessageId id, std::int8_t priority, SlotState state, std::int32_t holder) {
    const std::uint32_t slot = unused_slot();
    const std::uint32_t number = ++counts_.last_ticket;
    Slot& added = arrays_.slots[slot];
    added = {};
    added.id = id;
    added.priority = priority;
    added.state = state;
    added.position_or_ticket = number;
    if (!arrays_.leases.empty()) arrays_.leases[slot] = {.holder = holder};
    ++(state == SlotState::fresh ? counts_.fresh : counts_.held);
    link(slot);
    return {slot, number};
}

void ReadyIndex::leave(std::uint32_t slot) {
    switch (arrays_.slots[slot].state) {
        case SlotState::ready: ready().remove(slot); break;
        case SlotState::waiting: waiting().remove(slot); break;
        case SlotState::held: --counts_.held; break;
        case SlotState::fresh: --counts_.fresh; break;
        case SlotState::unused: break;
    }
}

Ticket ReadyIndex::take(std::uint32_t slot, std::int32_t holder) {
    const bool fresh = arrays_.slots[slot].state == SlotState::fresh;
    return keep(slot, holder, fresh ? SlotState::fresh : SlotState::held, true);
}

Ticket ReadyIndex::hold(std::uint32_t slot, std::int32_t holder) {
    return keep(slot, holder, SlotState::held, arrays_.slots[slot].in_flight());
}

Ticket ReadyIndex::keep(std::uint32_t slot, std::int32_t holder, SlotState state, bool claimed) {
    const std::uint32_t number = ++counts_.last_ticket;
    leave(slot);
    Slot& kept = arrays_.slots[slot];
    kept.state = state;
    kept.claimed = claimed;
    kept.position_or_ticket = number;
    if (!arrays_.leases.empty()) arrays_.leases[slot].holder = holder;
    ++(state == SlotState::fresh ? counts_.fresh : counts_.held);
    groups_.changed(slot);
    return {slot, number};
}

void ReadyIndex::unclaim(Ticket ticket) {
    if (!is_held_by(ticket)) return;
    arrays_.slots[ticket.slot].claimed = false;
    groups_.changed(ticket.slot);
}

bool ReadyIndex::is_held_by(Ticket ticket) const {
    if (!ticket || ticket.slot >= counts_.touched) return false;
    const Slot& slot = arrays_.slots[ticket.slot];
    const bool held = slot.state == SlotState::held || slot.state == SlotState::fresh;
    return held && slot.position_or_ticket == ticket.number;
}

bool ReadyIndex::release(Ticket ticket, Version version, Time now) {
    if (!is_held_by(ticket)) return false;
    leave(ticket.slot);
    Slot& slot = arrays_.slots[ticket.slot];
    slot.due = version.due;
    slot.block = version.place.block;
    slot.offset = version.place.offset;
    slot.claimed = version.claimed;
    if (!arrays_.leases.empty()) arrays_.leases[ticket.slot] = version.lease;
    const bool due = version.due <= now;
    slot.state = due ? SlotState::ready : SlotState::waiting;
    if (due) ready().insert(ticket.slot);
    else waiting().insert(ticket.slot);
    groups_.changed(ticket.slot);
    return due;
}

void ReadyIndex::remove(Ticket ticket) {
    if (!is_held_by(ticket)) return;
    leave(ticket.slot);
    unlink(ticket.slot);
    groups_.leave(ticket.slot);
    Slot& slot = arrays_.slots[ticket.slot];
    slot.state = SlotState::unused;
    slot.next = counts_.first_unused;
    counts_.first_unused = ticket.slot + 1;
}

std::optional<Time> ReadyIndex::next_due() const {
    if (counts_.waiting == 0) return std::nullopt;
    return arrays_.slots[arrays_.order.back()].due;
}

std::uint32_t ReadyIndex::ready_by(Time now) {
    while (counts_.waiting > 0) {
        const std::uint32_t slot = waiting().first();
        if (arrays_.slots[slot].due > now) break;
        waiting().remove(slot);
        arrays_.slots[slot].state = SlotState::ready;
        ready().insert(slot);
        groups_.changed(slot);
    }
    return counts_.ready;
}

void ReadyIndex::move_to(IndexArrays larger, GroupArrays larger_groups) {
    std::ranges::copy(arrays_.slots.first(counts_.touched), larger.slots.begin());
    std::ranges::copy(arrays_.leases, larger.leases.begin());
    std::ranges::copy(arrays_.order.first(counts_.ready), larger.order.begin());
    std::ranges::copy(arrays_.order.last(counts_.waiting), larger.order.last(counts_.waiting).begin());
    arrays_ = larger;
    counts_.capacity = static_cast<std::uint32_t>(larger.slots.size());
    for (std::uint32_t slot = 0; slot < counts_.touched; ++slot) {
        if (arrays_.slots[slot].state != SlotState::unused) link(slot);
    }
    groups_.move_to(larger_groups, arrays_.slots);
}

void ReadyIndex::clear() {
    groups_.clear();
    std::ranges::fill(arrays_.buckets, 0U);
    counts_ = {.capacity = counts_.capacity,
               .touched = 0,
               .first_unused = 0,
               .ready = 0,
               .waiting = 0,
               .held = 0,
               .fresh = 0,
               .last_ticket = counts_.last_ticket};
}

}  // namespace singularity::queue
