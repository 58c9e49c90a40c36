// What all sessions share of a queue: the index of its messages and who waits for one.
//
// One SharedQueue a table, made by the first session that uses it, found again by database and table, never
// freed: a session may keep its address for life. Its arrays grow, so they are found anew under the lock.
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
    RelFileNumber file;  // of the table that the index describes: another one after TRUNCATE
    bool filled;         // everything that was committed before is in the index
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

// Forgets the arrays and what they hold; called with the queue locked.
void empty(SharedQueue& queue);

// Empties the index where it describes another file than `file`. Called with the table locked by us.
void describe_file(SharedQueue& queue, RelFileNumber file);

}  // namespace singularity::queue
