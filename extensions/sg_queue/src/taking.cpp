#include "extensions/sg_queue/src/taking.hpp"

#include "extensions/sg_queue/src/callback_index.hpp"
#include "extensions/sg_queue/src/transaction.hpp"
#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

struct Taken {
    std::vector<Candidate> candidates;
    SharedQueue* from = nullptr;
    std::uint32_t epoch = 0;
    Time since = 0;
};

Taken taken;

Candidate take(ReadyIndex& slots, std::uint32_t slot, std::uint32_t group = 0) {
    const Order order = slots[slot].order();
    const Version version = slots.version(slot);
    return {order, slots.take(slot, MyProcNumber), version, false, group};
}

Candidate own_candidate(TouchedQueue& mine, const Order& order) {
    mine.taken_up_to = order;
    const Touched& message = mine.messages.at(order.id);
    return {order, message.ticket, *message.version, true};
}

// By this very call, which a claim that lives in memory does not hide from itself.
bool was_just_claimed(const Candidate& own) {
    return own.version.lease && own.version.lease.read_at >= taken.since;
}

// What the transaction has sent or changed itself is in flight once it is claimed; false where it may not be.
bool may_be_in_flight(ReadyIndex& slots, TouchedQueue& mine, Candidate& own) {
    const ClaimLine& line = slots.groups().line();
    const bool counts = line.on() && slots.is_held_by(own.ticket) && !slots[own.ticket.slot].claimed;
    if (!counts) return true;
    if (!line.allows(own.ticket.slot)) return false;
    own.ticket = mine.messages.at(own.order.id).ticket = slots.take(own.ticket.slot, MyProcNumber);
    return true;
}

}  // namespace

Taking::Taking(SharedQueue& queue) {
    hear_of_ends();
    taken.from = &queue;
    taken.epoch = queue.epoch;
    if (queue.rules.in_memory) taken.since = GetCurrentTimestamp();
    if (TouchedQueue* mine = touched(queue)) mine->taken_up_to.reset();
}

Taking::~Taking() {
    give_back_taken();
}

std::uint32_t Taking::epoch() {
    return taken.epoch;
}

void give_back_taken() {
    if (taken.candidates.empty()) return;
    CallbackIndex index(*taken.from, taken.epoch);
    const Time now = GetCurrentTimestamp();
    for (const Candidate& candidate : taken.candidates) {
        if (!candidate.own && candidate.ticket)
            index.settle(candidate.ticket, candidate.order, candidate.version.place, candidate.version, now);
    }
    taken.candidates.clear();
}

void give_back(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& found) {
    if (candidate.own) return;
    CallbackIndex index(queue, taken.epoch);
    index.settle(std::exchange(candidate.ticket, {}), candidate.order, candidate.version.place, found,
                 GetCurrentTimestamp());
}

std::span<Candidate> take_due(SharedQueue& queue, std::size_t limit, Time now) {
    std::vector<Candidate>& candidates = taken.candidates;
    TouchedQueue* mine = touched(queue);
    const std::size_t before = candidates.size();
    LockedIndex index(queue);
    if (index->paused) return {};
    ReadyIndex& slots = index->slots;
    limit = std::min<std::size_t>(limit, slots.ready_by(now) + (mine ? mine->messages.size() : 0));
    candidates.reserve(before + limit);
    while (candidates.size() < before + limit && !index->block_to_read(now)) {
        const Order* own = mine ? mine->first_due(now) : nullptr;
        const std::uint32_t slot = index->next_slot();
        if (own == nullptr && slot == kNoSlot) break;
        if (own != nullptr && (slot == kNoSlot || *own < slots[slot].order())) {
            Candidate candidate = own_candidate(*mine, *own);
            if (!was_just_claimed(candidate) && may_be_in_flight(slots, *mine, candidate))
                candidates.push_back(candidate);
        } else if (!mine || !mine->adopt(slots, slot)) {
            candidates.push_back(take(slots, slot));
        }
    }
    note_taken(queue, candidates.size() - before);
    return std::span(candidates).subspan(before);
}

std::vector<Candidate> list_due(SharedQueue& queue, Time now) {
    std::vector<Candidate> due;
    TouchedQueue* mine = touched(queue);
    {
        LockedIndex index(queue);
        if (index->paused) return due;
        due.reserve(index->slots.ready_by(now));
        for (const std::uint32_t slot : index->slots.every_ready()) {
            const Order order = index->slots[slot].order();
            if (!mine || !mine->messages.contains(order.id))
                due.push_back({order, {}, index->slots.version(slot), false});
        }
    }
    while (const Order* own = mine ? mine->first_due(now) : nullptr)
        due.push_back(own_candidate(*mine, *own));
    std::ranges::sort(due, {}, &Candidate::order);
    return due;
}

Candidate* take_listed(SharedQueue& queue, const Candidate& listed) {
    std::vector<Candidate>& candidates = taken.candidates;
    candidates.reserve(candidates.size() + 1);
    LockedIndex index(queue);
    if (index->paused) return nullptr;
    ReadyIndex& slots = index->slots;
    if (listed.own) {
        Candidate& own = candidates.emplace_back(listed);
        if (may_be_in_flight(slots, *touched(queue), own)) return &own;
        candidates.pop_back();
        return nullptr;
    }
    const std::uint32_t slot = slots.find(listed.order.id);
    if (slot == kNoSlot || slots[slot].state != SlotState::ready) return nullptr;
    if (!slots.groups().line().allows(slot)) return nullptr;
    note_taken(queue, 1);
    return &candidates.emplace_back(take(slots, slot));
}

namespace {

// Of a process that may end it at any moment, or has: then the index hears of it next.
void wait_for_transaction_of(std::int32_t process) {
    pg::call([process] {
        VirtualTransactionId transaction;
        GET_VXID_FROM_PGPROC(transaction, *GetPGProcByNumber(process));
        if (VirtualTransactionIdIsValid(transaction)) VirtualXactLock(transaction, true);
        else pg_usleep(100);
        CHECK_FOR_INTERRUPTS();
    });
}

}  // namespace

Candidate* take_to_change(SharedQueue& queue, MessageId id, bool seen) {
    std::vector<Candidate>& candidates = taken.candidates;
    candidates.reserve(candidates.size() + 1);
    if (touched(queue, id) != nullptr) return nullptr;
    for (;;) {
        std::int32_t holder = 0;
        {
            LockedIndex index(queue);
            if (!queue.rules.in_memory) return nullptr;  // any more: the row's lock tells
            ReadyIndex& slots = index->slots;
            const std::uint32_t slot = slots.find(id);
            if (slot == kNoSlot || (slots[slot].state == SlotState::fresh && !seen)) return nullptr;
            if (slots[slot].is_idle()) {
                const Version version = slots.version(slot);
                return &candidates.emplace_back(
                    Candidate{slots[slot].order(), slots.hold(slot, MyProcNumber), version, false});
            }
            holder = slots.holder(slot);
        }
        wait_for_transaction_of(holder);
    }
}

namespace {

bool may_be_had(ReadyIndex& slots, std::uint32_t slot) {
    return slot != kNoSlot && slots[slot].state == SlotState::ready && slots.groups().line().allows(slot);
}

// The messages that a reader by groups gets next, taken.
void take_groups(ReadyIndex& slots, std::vector<Candidate>& candidates, std::size_t limit,
                 std::size_t of_each) {
    GroupIndex& groups = slots.groups();
    while (candidates.size() < limit && may_be_had(slots, groups.first_open())) {
        std::uint32_t slot = groups.first_open();
        const std::uint32_t group = groups.group_of(slot);
        for (std::size_t count = 0; count < of_each && candidates.size() < limit; ++count) {
            if (!may_be_had(slots, slot)) break;
            const std::uint32_t behind = groups.behind(slot);
            candidates.push_back(take(slots, slot, group));
            slot = behind;
        }
    }
}

// After the first of each group was taken: the second of each, the third, …
void take_layers(ReadyIndex& slots, std::vector<Candidate>& candidates, std::size_t first,
                 std::size_t limit) {
    for (std::size_t i = first; i < candidates.size() && candidates.size() < limit; ++i) {
        const std::uint32_t slot = slots.groups().behind(candidates[i].ticket.slot);
        if (may_be_had(slots, slot)) candidates.push_back(take(slots, slot, candidates[i].group));
    }
}

}  // namespace

std::span<Candidate> take_grouped(SharedQueue& queue, std::size_t limit, GroupOrder order, Time now) {
    std::vector<Candidate>& candidates = taken.candidates;
    LockedIndex index(queue);
    if (index->paused) return {};
    ReadyIndex& slots = index->slots;
    limit = std::min<std::size_t>(limit, slots.ready_by(now));
    const std::size_t before = candidates.size();
    candidates.reserve(before + limit);
    take_groups(slots, candidates, before + limit, order == GroupOrder::fill ? SIZE_MAX : 1);
    if (order == GroupOrder::layers) take_layers(slots, candidates, before, before + limit);
    note_taken(queue, candidates.size() - before);
    return std::span(candidates).subspan(before);
}

}  // namespace singularity::queue
