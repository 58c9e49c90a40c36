// What all sessions share of a queue: the index of its messages and who waits for one.
//
// One SharedQueue a table, made by the first session that uses it, found again by database and table. Its
// address stays good for a session's life; that of a dropped table is given to another queue, under another
// epoch. Its arrays grow, so they are found anew under the lock.
#pragma once

#include "extensions/sg_queue/src/ready_index.hpp"
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
    IndexCounts counts;
    dsa_pointer arrays;
    dsa_pointer first_waiter, last_waiter;
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

    ReadyIndex* operator->() { return &index_; }
    ReadyIndex& operator*() { return index_; }

    // A slot for a message that is not in the index; the arrays grow where they must.
    Ticket add(MessageId id, std::int8_t priority, SlotState state);
    // A ticket for the message, in the index or not.
    Ticket hold(MessageId id);

    static ReadyIndex map(SharedQueue& queue);

private:
    void grow();

    pg::LockGuard guard_;
    SharedQueue& queue_;
    ReadyIndex index_;
};

// Forgets all messages: the next reader fills the index again. Called with the queue locked.
void empty(SharedQueue& queue, ReadyIndex* index);

// Tells of the table, which is locked by us, which file it has and whether we hear of what SQL does to it.
// Where the index describes something else it is emptied.
void describe_table(SharedQueue& queue, RelFileNumber file, bool observed);

}  // namespace singularity::queue
