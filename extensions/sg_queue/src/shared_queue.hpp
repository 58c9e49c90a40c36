// What all sessions share of a queue: the index of its messages and who waits for one.
//
// One SharedQueue a table, made by the first session that uses it, found again by database and table. Its
// address stays good for a session's life; that of a dropped table is given to another queue, under another
// epoch. Its arrays grow, so they are found anew under the lock.
#pragma once

#include "extensions/sg_queue/src/queue_index.hpp"
#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

struct SharedQueue {
    Oid database, table;
    dsa_pointer next;  // in its bucket of the directory
    pg::SharedLock lock;

    // What follows is the lock's.
    RelFileNumber file;   // of the table that the index describes: another one after TRUNCATE
    bool filled;          // everything that was committed before is in the index
    bool observed;        // what SQL did to the table was noticed all along
    std::uint32_t epoch;  // counts how often the index was emptied
    std::uint32_t gaps;   // counts what was committed while there was no place for it
    IndexCounts counts;
    dsa_pointer arrays;
    bool grouped;  // somebody reads by groups, or the rules need them
    ClaimRules rules;
    std::uint32_t rule_changes;  // counts the commits that brought others
    GroupCounts group_counts;
    dsa_pointer group_arrays;
    MarkCounts mark_counts;
    dsa_pointer mark_arrays;
    dsa_pointer first_waiter, last_waiter;
    std::uint32_t promised;  // ready messages that waiters were woken for and have not taken yet
    Time promised_until;     // later nobody counts on them any more
};

// The queue of a table of this database.
SharedQueue& shared_queue(Oid table);

// Where a shared address points to in this session.
void* shared_memory(dsa_pointer address);
dsa_area* shared_area();

// A queue's index, locked for a scope.
class LockedIndex {
public:
    explicit LockedIndex(SharedQueue& queue) : guard_(queue.lock), queue_(queue), index_(map(queue)) {}

    QueueIndex* operator->() { return &index_; }
    QueueIndex& operator*() { return index_; }

    // A slot for a message that is not in the index, to be settled before this is unlocked; the arrays grow
    // where they must. Empty beyond the bound, and the row's block can then be marked.
    Ticket add(MessageId id, Standing standing, Place place);
    // The same until its sender's transaction ends: by its slot others know that it is on its way, so that
    // nobody counts it twice. Empty beyond twice the bound.
    Ticket add_sent(MessageId id, Standing standing, Place place);
    // The same whatever the bound says.
    Ticket add_slot(MessageId id, Standing standing, SlotState state);
    // A ticket for a message whose row is `version`, in the index or not; empty beyond twice the bound. Where
    // the index knows of claims in memory, `version` is what it says.
    Ticket hold(MessageId id, Standing standing, Version& version);
    // Makes it possible to mark a block where that may come to pass.
    void prepare_mark(Place place);

    // From now on groups are kept, or other rules: the index may be emptied, and is of no more use to who has
    // locked it now.
    void begin_groups();
    // Rules that were read after `rule_changes` was; false where others have been committed since then.
    bool follow(const ClaimRules& rules, std::uint32_t rule_changes);

    static QueueIndex map(SharedQueue& queue);

private:
    void grow();
    void grow_marks(std::uint32_t block);

    pg::LockGuard guard_;
    SharedQueue& queue_;
    QueueIndex index_;
};

// The setting sg_queue.index_messages: how many messages of a queue have a slot of their own.
constexpr int kIndexBound = 1'000'000;
extern int index_bound;

// Forgets the arrays themselves, for want of a way to read them.
void forget_arrays(SharedQueue& queue);

// Other rules from now on; the index is empty and without arrays. Called with the queue locked.
void set_rules(SharedQueue& queue, const ClaimRules& rules);
// The same, unless the index can stay as it is.
void follow_rules(SharedQueue& queue, const ClaimRules& rules);

// Forgets all messages: the next reader fills the index again. Called with the queue locked.
void empty(SharedQueue& queue, QueueIndex* index);

// Tells of the table, which is locked by us, which file it has and whether we hear of what SQL does to it.
// Where the index describes something else it is emptied; an empty file leaves nothing to fill it with. On a
// standby, which hears of nothing, the index describes no table and stays unfilled until the promotion.
void describe_table(SharedQueue& queue, Relation table, bool observed);

}  // namespace singularity::queue
