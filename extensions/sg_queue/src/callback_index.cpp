#include "extensions/sg_queue/src/callback_index.hpp"

#include <algorithm>

#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

CallbackIndex::CallbackIndex(SharedQueue& queue, std::uint32_t epoch) : queue_(queue) {
    LWLockAcquire(queue.lock.get(), LW_EXCLUSIVE);
    PG_TRY();
    {
        index_.emplace(LockedIndex::map(queue));
    }
    PG_CATCH();
    {
        FlushErrorState();
        forget_arrays(queue);
    }
    PG_END_TRY();
    emptied_since_ = queue.epoch != epoch;
    if (!index_) forget_all();
}

CallbackIndex::~CallbackIndex() {
    if (!queue_.rules.paused) wake_waiters(queue_, became_ready_, became_first_);
    LWLockRelease(queue_.lock.get());
}

void CallbackIndex::forget_all() {
    empty(queue_, index_ ? &*index_ : nullptr);
    became_ready_ = 1;
}

// A slot that somebody holds, or that tells of another row, tells of a change that came after ours.
Ticket CallbackIndex::find(Order order, std::optional<Place> from) {
    ReadyIndex& slots = index_->slots;
    const std::uint32_t slot = slots.find(order.id);
    if (slot == kNoSlot) return {};
    const bool ours = slots[slot].is_idle() && from && slots.version(slot).place == *from;
    return ours ? slots.hold(slot) : Ticket{slot};
}

void CallbackIndex::settle(Ticket ticket, Order order, std::optional<Place> from,
                           const std::optional<Version>& version, Time now) {
    if (!index_) return;
    if (emptied_since_ && !index_->slots.is_held_by(ticket)) ticket = find(order, from);
    if (!ticket && (version || index_->marks.messages() > 0)) return note_gap();
    if (!version) {
        index_->slots.remove(ticket);
        return note_room(now);
    }
    const auto next = index_->next_due();
    const bool ready = index_->settle(ticket, order, *version, now);
    if (!ready && (!next || version->due < *next)) became_first_ = true;
    if (queue_.rules.line()) note_room(now);
    else if (ready) ++became_ready_;
}

void CallbackIndex::unclaim(Ticket ticket, Time now) {
    if (!index_) return;
    index_->slots.unclaim(ticket);
    note_room(now);
}

// Where only so many may be in flight, the end of one makes room for another.
void CallbackIndex::note_room(Time now) {
    if (!queue_.rules.line()) return;
    became_ready_ = index_->any_ready(now) ? became_ready_ + 1 : 0;
}

// Of a message without a slot nobody can tell who has counted it. Whoever fills the index now may have looked
// at the table before we changed it.
void CallbackIndex::note_gap() {
    queue_.filled = false;
    ++queue_.gaps;
    became_ready_ = std::max(became_ready_, 1U);
}

}  // namespace singularity::queue
