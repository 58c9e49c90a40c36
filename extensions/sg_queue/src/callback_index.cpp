#include "extensions/sg_queue/src/callback_index.hpp"

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
    if (index_ && queue.epoch == epoch) return;
    empty(queue, index_ ? &*index_ : nullptr);
    became_ready_ = 1;
}

CallbackIndex::~CallbackIndex() {
    if (!queue_.rules.paused) wake_waiters(queue_, became_ready_, became_first_);
    LWLockRelease(queue_.lock.get());
}

void CallbackIndex::settle(Ticket ticket, Order order, const std::optional<Version>& version, Time now) {
    if (!index_) return;
    if (!version) {
        index_->slots.remove(ticket);
        return note_room(now);
    }
    const bool unkeepable = !ticket && !index_->marks.covers(version->place.block);
    if (unkeepable) return empty(queue_, &*index_);
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

}  // namespace singularity::queue
