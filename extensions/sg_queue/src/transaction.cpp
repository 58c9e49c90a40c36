#include "extensions/sg_queue/src/transaction.hpp"

#include "extensions/sg_queue/src/callback_index.hpp"
#include "extensions/sg_queue/src/taking.hpp"
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

struct NewRules {
    SharedQueue* queue;
    ClaimRules rules;
    int level;
};

struct Transaction {
    std::vector<Change> changes;
    std::vector<NewRules> rules;
    std::vector<TouchedQueue> queues;

    TouchedQueue* find(SharedQueue* queue) {
        const auto found = std::ranges::find(queues, queue, &TouchedQueue::shared);
        return found == queues.end() ? nullptr : &*found;
    }
    void clear() {
        changes.clear();
        rules.clear();
        queues.clear();
    }
};

Transaction transaction;

// Who waits looks again: a larger number may be in flight now, or the queue goes on. Somebody who looked at
// the options since the commit may have been first.
void follow(SharedQueue& queue, const ClaimRules& rules) {
    LWLockAcquire(queue.lock.get(), LW_EXCLUSIVE);
    ++queue.rule_changes;
    PG_TRY();
    {
        follow_rules(queue, rules);
    }
    PG_CATCH();
    {
        FlushErrorState();
        queue.rules = rules;
        forget_arrays(queue);
        empty(queue, nullptr);
    }
    PG_END_TRY();
    wake_waiters(queue, 1, false);
    LWLockRelease(queue.lock.get());
}

void settle_committed() {
    const Time now = GetCurrentTimestamp();
    for (TouchedQueue& queue : transaction.queues) {
        CallbackIndex index(*queue.shared, queue.epoch);
        if (queue.remade) {
            index.forget_all();
            continue;
        }
        for (const auto& [id, message] : queue.messages)
            index.settle(message.ticket, {message.priority, id}, message.from, message.version, now);
    }
    for (const NewRules& change : transaction.rules) follow(*change.queue, change.rules);
    transaction.clear();
}

void undo(const Change& change, TouchedQueue& queue, CallbackIndex& index, Time now) {
    const auto message = queue.messages.find(change.id);
    if (!change.first) {
        if (change.before && !change.before->claimed) index.unclaim(message->second.ticket, now);
        return queue.replace(change.id, change.before);
    }
    const Touched& first = message->second;
    index.settle(first.ticket, {first.priority, change.id}, first.from, change.before, now);
    queue.forget(change.id);
}

// The lock of a queue is kept while changes are its own: one that was emptied is emptied again but once.
void undo_to(int level) {
    give_back_taken();
    const Time now = GetCurrentTimestamp();
    TouchedQueue* queue = nullptr;
    std::optional<CallbackIndex> index;
    while (!transaction.changes.empty() && transaction.changes.back().level >= level) {
        const Change& change = transaction.changes.back();
        if (queue == nullptr || queue->shared != change.queue) {
            queue = transaction.find(change.queue);
            index.reset();
            index.emplace(*change.queue, queue->epoch);
        }
        undo(change, *queue, *index, now);
        transaction.changes.pop_back();
    }
    index.reset();
    std::erase_if(transaction.rules, [level](const NewRules& change) { return change.level >= level; });
}

// A table's file that this transaction has made is truncated where it lies, and nothing tells us: such a
// queue's index is emptied at the end.
void distrust_new_files() {
    for (TouchedQueue& queue : transaction.queues) {
        Relation table = RelationIdGetRelation(queue.shared->table);
        queue.remade = table == nullptr;  // dropped: what it shared may be another queue's by then
        if (table == nullptr) continue;
        queue.remade = table->rd_createSubid != InvalidSubTransactionId ||
                       table->rd_firstRelfilelocatorSubid != InvalidSubTransactionId;
        RelationClose(table);
    }
}

void at_end(XactEvent event, void*) {
    switch (event) {
        case XACT_EVENT_PRE_COMMIT: distrust_new_files(); break;
        case XACT_EVENT_COMMIT:
            give_back_taken();
            settle_committed();
            break;
        case XACT_EVENT_ABORT:
            undo_to(0);
            transaction.clear();
            break;
        case XACT_EVENT_PRE_PREPARE:
            if (!transaction.changes.empty() || !transaction.rules.empty()) {
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
    for (NewRules& change : transaction.rules) change.level = std::min(change.level, level - 1);
}

std::optional<Place> place_of(const std::optional<Version>& version) {
    return version ? std::optional(version->place) : std::nullopt;
}

void log_change(SharedQueue& queue, Order order, Ticket ticket, const std::optional<Version>& before,
                const std::optional<Version>& after) {
    TouchedQueue& mine = *touched(queue);
    const auto [message, first] = mine.messages.try_emplace(
        order.id,
        Touched{.ticket = ticket, .from = place_of(before), .priority = order.priority, .version = {}});
    mine.replace(order.id, after);
    transaction.changes.push_back({&queue, order.id, before, after, GetCurrentTransactionNestLevel(), first});
}

}  // namespace

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

namespace {

// So that the message can be marked at the end, should there be no slot for it then.
void prepare_mark(SharedQueue& queue, Place place) {
    if (4 * std::uint64_t{queue.counts.touched} >= static_cast<std::uint64_t>(index_bound)) {
        LockedIndex(queue).prepare_mark(place);
    }
}

// With the epoch before the first ticket was made: what is emptied later is noticed at the end. A rollback to
// a savepoint gives all tickets back, and the table's lock with them.
TouchedQueue& touch(SharedQueue& queue, std::uint32_t epoch) {
    hear_of_ends();
    TouchedQueue* found = transaction.find(&queue);
    if (found == nullptr) return transaction.queues.emplace_back(queue, epoch);
    if (found->messages.empty()) found->epoch = epoch;
    return *found;
}

}  // namespace

void begin_call(const char* function) {
    pg::call([function] {
        PreventCommandIfReadOnly(function);
        CommandCounterIncrement();
    });
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

void note_claim(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& after) {
    touch(queue, Taking::epoch());
    if (after) prepare_mark(queue, after->place);
    log_change(queue, candidate.order, candidate.ticket, candidate.version, after);
    candidate.ticket = {};
}

Version known_version(SharedQueue& queue, MessageId id) {
    LockedIndex index(queue);
    const std::uint32_t slot = index->slots.find(id);
    return slot == kNoSlot ? Version{} : index->slots.version(slot);
}

namespace {

Ticket hold(SharedQueue& queue, std::uint32_t epoch, MessageId id, Standing standing, Version& version) {
    LockedIndex index(queue);
    return queue.epoch == epoch ? index.hold(id, standing, version) : Ticket{};
}

}  // namespace

// A row that SQL inserted may have the id of one that this transaction deleted.
void note_sent(SharedQueue& queue, std::uint32_t epoch, std::span<const Sent> sent) {
    TouchedQueue& mine = touch(queue, epoch);
    std::vector<Ticket> tickets(sent.size());
    {
        LockedIndex index(queue);
        for (std::size_t i = 0; i < sent.size() && queue.epoch == epoch; ++i) {
            if (!mine.messages.contains(sent[i].id)) {
                tickets[i] = index.add_sent(sent[i].id, sent[i].standing, sent[i].version.place);
            }
        }
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
        log_change(queue, {sent[i].standing.priority, sent[i].id}, tickets[i], std::nullopt, sent[i].version);
    }
}

void note_change(SharedQueue& queue, std::uint32_t epoch, MessageId id, Version before,
                 const std::optional<Version>& after, Standing standing) {
    touch(queue, epoch);
    const Touched* known = touched(queue, id);
    const Ticket ticket = known ? known->ticket : hold(queue, epoch, id, standing, before);
    if (after) prepare_mark(queue, after->place);
    log_change(queue, {standing.priority, id}, ticket, known ? known->version : before, after);
}

void note_rules(SharedQueue& queue, const ClaimRules& rules) {
    hear_of_ends();
    transaction.rules.push_back({&queue, rules, GetCurrentTransactionNestLevel()});
}

}  // namespace singularity::queue
