#include "extensions/sg_queue/src/transaction.hpp"

#include "extensions/sg_queue/src/waiters.hpp"

namespace singularity::queue {

namespace {

struct Change {
    SharedQueue* queue;
    MessageId id;
    std::optional<Version> before, after;
    int level;   // of nested transactions
    bool first;  // of this message in this transaction
};

struct Transaction {
    std::vector<Change> changes;
    std::vector<TouchedQueue> queues;
    std::vector<Candidate> taken;
    SharedQueue* taken_from = nullptr;
    std::uint32_t taken_epoch = 0;

    TouchedQueue* find(SharedQueue* queue) {
        const auto found = std::ranges::find(queues, queue, &TouchedQueue::shared);
        return found == queues.end() ? nullptr : &*found;
    }
    void clear() {
        changes.clear();
        queues.clear();
    }
};

Transaction transaction;

// A queue's index for the server's callbacks, which no error may leave: locked without the guards of C++. One
// that was emptied since `epoch`, when our tickets were made, or that can't be mapped, for want of memory, is
// emptied: the next reader fills it again.
class CallbackIndex {
public:
    CallbackIndex(SharedQueue& queue, std::uint32_t epoch) : queue_(queue) {
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
    CallbackIndex(const CallbackIndex&) = delete;
    ~CallbackIndex() {
        wake_waiters(queue_, became_ready_, became_first_);
        LWLockRelease(queue_.lock.get());
    }

    void settle(Ticket ticket, MessageId id, const std::optional<Version>& version, Time now) {
        if (!index_) return;
        if (!version) return index_->slots.remove(ticket);
        const bool unkeepable = !ticket && !index_->marks.covers(version->place.block);
        if (unkeepable) return empty(queue_, &*index_);
        const auto next = index_->next_due();
        if (index_->settle(ticket, id, *version, now)) ++became_ready_;
        else if (!next || version->due < *next) became_first_ = true;
    }

private:
    SharedQueue& queue_;
    std::optional<QueueIndex> index_;
    std::uint32_t became_ready_ = 0;
    bool became_first_ = false;
};

void give_back_taken() {
    if (transaction.taken.empty()) return;
    CallbackIndex index(*transaction.taken_from, transaction.taken_epoch);
    for (const Candidate& candidate : transaction.taken) {
        if (!candidate.own && candidate.ticket)
            index.settle(candidate.ticket, candidate.id, candidate.version, GetCurrentTimestamp());
    }
    transaction.taken.clear();
}

void settle_committed() {
    const Time now = GetCurrentTimestamp();
    for (TouchedQueue& queue : transaction.queues) {
        CallbackIndex index(*queue.shared, queue.epoch);
        for (const auto& [id, message] : queue.messages)
            index.settle(message.ticket, id, message.version, now);
    }
    transaction.clear();
}

void undo(const Change& change, Time now) {
    TouchedQueue* queue = transaction.find(change.queue);
    if (change.first) {
        const auto message = queue->messages.find(change.id);
        CallbackIndex index(*change.queue, queue->epoch);
        index.settle(message->second.ticket, change.id, change.before, now);
        queue->forget(change.id);
    } else {
        queue->replace(change.id, change.before);
    }
}

void undo_to(int level) {
    give_back_taken();
    const Time now = GetCurrentTimestamp();
    while (!transaction.changes.empty() && transaction.changes.back().level >= level) {
        undo(transaction.changes.back(), now);
        transaction.changes.pop_back();
    }
}

void at_end(XactEvent event, void*) {
    switch (event) {
        case XACT_EVENT_COMMIT:
            give_back_taken();
            settle_committed();
            break;
        case XACT_EVENT_ABORT:
            undo_to(0);
            transaction.clear();
            break;
        case XACT_EVENT_PRE_PREPARE:
            if (!transaction.changes.empty()) {
                ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("cannot PREPARE a transaction that has used queues"));
            }
            break;
        default: break;
    }
}

void at_savepoint(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
    const int level = GetCurrentTransactionNestLevel();
    if (event == SUBXACT_EVENT_ABORT_SUB) undo_to(level);
    if (event != SUBXACT_EVENT_COMMIT_SUB) return;
    for (auto change = transaction.changes.rbegin();
         change != transaction.changes.rend() && change->level >= level; ++change) {
        change->level = level - 1;
    }
}

void log_change(SharedQueue& queue, MessageId id, Ticket ticket, const std::optional<Version>& before,
                const std::optional<Version>& after) {
    TouchedQueue& mine = *touched(queue);
    const auto [message, first] = mine.messages.try_emplace(id, Touched{.ticket = ticket, .version = {}});
    mine.replace(id, after);
    transaction.changes.push_back({&queue, id, before, after, GetCurrentTransactionNestLevel(), first});
}

void hear_of_ends() {
    static const bool registered = [] {
        pg::call([] {
            RegisterXactCallback(at_end, nullptr);
            RegisterSubXactCallback(at_savepoint, nullptr);
        });
        return true;
    }();
    static_cast<void>(registered);
}

// So that the message can be marked at the end, should there be no slot for it then.
void prepare_mark(SharedQueue& queue, Place place) {
    if (4 * std::uint64_t{queue.counts.touched} >= static_cast<std::uint64_t>(index_bound)) {
        LockedIndex(queue).prepare_mark(place);
    }
}

// With the epoch before the first ticket was made: what is emptied later is noticed at the end.
TouchedQueue& touch(SharedQueue& queue, std::uint32_t epoch) {
    hear_of_ends();
    if (TouchedQueue* found = transaction.find(&queue)) return *found;
    return transaction.queues.emplace_back(queue, epoch);
}

}  // namespace

void begin_call(const char* function) {
    pg::call([function] {
        PreventCommandIfReadOnly(function);
        CommandCounterIncrement();
    });
}

void TouchedQueue::replace(MessageId id, const std::optional<Version>& version) {
    Touched& message = messages.at(id);
    if (message.version) {
        due_.erase(id);
        waiting_.erase({message.version->due, id});
    }
    message.version = version;
    if (version) waiting_.emplace(version->due, id);
}

void TouchedQueue::forget(MessageId id) {
    replace(id, std::nullopt);
    messages.erase(id);
}

const MessageId* TouchedQueue::first_due(Time now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        due_.insert(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
    }
    const auto first = due_.upper_bound(taken_up_to);
    return first == due_.end() ? nullptr : &*first;
}

bool TouchedQueue::adopt(ReadyIndex& slots, std::uint32_t slot) {
    const auto message = messages.find(slots[slot].id);
    if (message == messages.end()) return false;
    message->second.ticket = slots.take(slot);
    return true;
}

TouchedQueue* touched(SharedQueue& queue) {
    return transaction.find(&queue);
}

const Touched* touched(SharedQueue& queue, MessageId id) {
    TouchedQueue* mine = transaction.find(&queue);
    if (mine == nullptr) return nullptr;
    const auto found = mine->messages.find(id);
    return found == mine->messages.end() ? nullptr : &found->second;
}

Taking::Taking(SharedQueue& queue) {
    hear_of_ends();
    transaction.taken_from = &queue;
    transaction.taken_epoch = queue.epoch;
    if (TouchedQueue* mine = touched(queue)) mine->taken_up_to = INT64_MIN;
}

Taking::~Taking() {
    give_back_taken();
}

std::span<Candidate> take_due(SharedQueue& queue, std::size_t limit, Time now) {
    std::vector<Candidate>& taken = transaction.taken;
    TouchedQueue* mine = transaction.find(&queue);
    LockedIndex index(queue);
    ReadyIndex& slots = index->slots;
    limit = std::min<std::size_t>(limit, slots.ready_by(now) + (mine ? mine->messages.size() : 0));
    const std::size_t before = taken.size();
    taken.reserve(before + limit);
    while (taken.size() < before + limit && !index->block_to_read(now)) {
        const MessageId* own = mine ? mine->first_due(now) : nullptr;
        const std::uint32_t slot = slots.first_ready();
        if (own == nullptr && slot == kNoSlot) break;
        if (own != nullptr && (slot == kNoSlot || *own < slots[slot].id)) {
            mine->taken_up_to = *own;
            const Touched& message = mine->messages.at(*own);
            taken.push_back({*own, message.ticket, *message.version, true});
        } else if (!mine || !mine->adopt(slots, slot)) {
            const MessageId id = slots[slot].id;
            const Version version = slots[slot].version();
            taken.push_back({id, slots.take(slot), version, false});
        }
    }
    return std::span(taken).subspan(before);
}

std::vector<Candidate> list_due(SharedQueue& queue, Time now) {
    std::vector<Candidate> due;
    TouchedQueue* mine = touched(queue);
    {
        LockedIndex index(queue);
        due.reserve(index->slots.ready_by(now));
        index->slots.each_ready([&due, mine](const Slot& slot) {
            if (!mine || !mine->messages.contains(slot.id))
                due.push_back({slot.id, {}, slot.version(), false});
        });
    }
    if (mine) {
        while (const MessageId* own = mine->first_due(now)) {
            mine->taken_up_to = *own;
            const Touched& message = mine->messages.at(*own);
            due.push_back({*own, message.ticket, *message.version, true});
        }
    }
    std::ranges::sort(due, {}, &Candidate::id);
    return due;
}

Candidate* take_listed(SharedQueue& queue, const Candidate& listed) {
    std::vector<Candidate>& taken = transaction.taken;
    taken.reserve(taken.size() + 1);
    if (listed.own) return &taken.emplace_back(listed);
    LockedIndex index(queue);
    ReadyIndex& slots = index->slots;
    const std::uint32_t slot = slots.find(listed.id);
    if (slot == kNoSlot || slots[slot].state != SlotState::ready) return nullptr;
    const Version version = slots[slot].version();
    return &taken.emplace_back(Candidate{listed.id, slots.take(slot), version, false});
}

namespace {

// The messages that a reader by groups gets next, taken.
void take_group(ReadyIndex& slots, std::vector<Candidate>& taken, std::size_t limit, std::size_t of_each) {
    GroupIndex& groups = slots.groups();
    while (taken.size() < limit && groups.first_open() != kNoSlot) {
        std::uint32_t slot = groups.first_open();
        const std::uint32_t group = groups.group_of(slot);
        for (std::size_t count = 0; count < of_each && taken.size() < limit; ++count) {
            if (slot == kNoSlot || slots[slot].state != SlotState::ready) break;
            const std::uint32_t behind = groups.behind(slot);
            const Candidate next{slots[slot].id, {}, slots[slot].version(), false, group};
            taken.push_back(next);
            taken.back().ticket = slots.take(slot);
            slot = behind;
        }
    }
}

// After the first of each group was taken: the second of each, the third, …
void take_layers(ReadyIndex& slots, std::vector<Candidate>& taken, std::size_t first, std::size_t limit) {
    for (std::size_t i = first; i < taken.size() && taken.size() < limit; ++i) {
        const std::uint32_t slot = slots.groups().behind(taken[i].ticket.slot);
        if (slot == kNoSlot || slots[slot].state != SlotState::ready) continue;
        const Candidate next{slots[slot].id, {}, slots[slot].version(), false, taken[i].group};
        taken.push_back(next);
        taken.back().ticket = slots.take(slot);
    }
}

}  // namespace

std::span<Candidate> take_grouped(SharedQueue& queue, std::size_t limit, GroupOrder order, Time now) {
    std::vector<Candidate>& taken = transaction.taken;
    LockedIndex index(queue);
    ReadyIndex& slots = index->slots;
    limit = std::min<std::size_t>(limit, slots.ready_by(now));
    const std::size_t before = taken.size();
    taken.reserve(before + limit);
    take_group(slots, taken, before + limit, order == GroupOrder::fill ? SIZE_MAX : 1);
    if (order == GroupOrder::layers) take_layers(slots, taken, before, before + limit);
    return std::span(taken).subspan(before);
}

void give_back(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& found) {
    if (candidate.own) return;
    CallbackIndex index(queue, transaction.taken_epoch);
    index.settle(std::exchange(candidate.ticket, {}), candidate.id, found, GetCurrentTimestamp());
}

void note_claim(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& after) {
    touch(queue, transaction.taken_epoch);
    if (after) prepare_mark(queue, after->place);
    log_change(queue, candidate.id, candidate.ticket, candidate.version, after);
    candidate.ticket = {};
}

Place known_place(SharedQueue& queue, MessageId id) {
    LockedIndex index(queue);
    const std::uint32_t slot = index->slots.find(id);
    return slot == kNoSlot ? Place{} : index->slots[slot].version().place;
}

// A row that SQL inserted may have the id of one that this transaction deleted.
void note_sent(SharedQueue& queue, std::span<const Sent> sent) {
    TouchedQueue& mine = touch(queue, queue.epoch);
    std::vector<Ticket> tickets(sent.size());
    {
        LockedIndex index(queue);
        for (std::size_t i = 0; i < sent.size(); ++i) {
            if (!mine.messages.contains(sent[i].id)) {
                tickets[i] = index.add(sent[i].id, sent[i].priority, sent[i].version.place, sent[i].group);
            }
        }
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
        log_change(queue, sent[i].id, tickets[i], std::nullopt, sent[i].version);
    }
}

void note_change(SharedQueue& queue, MessageId id, Version before, const std::optional<Version>& after,
                 GroupKey group) {
    touch(queue, queue.epoch);
    const Touched* known = touched(queue, id);
    const Ticket ticket = known ? known->ticket : LockedIndex(queue).hold(id, before.place, group);
    if (after) prepare_mark(queue, after->place);
    log_change(queue, id, ticket, known ? known->version : before, after);
}

}  // namespace singularity::queue
