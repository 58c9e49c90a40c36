// What this session's open transaction has done to queues, so that its end can tell the shared indexes.
//
// Each change of a message's row is noted with the version before and after it. A commit releases every
// touched message with its last version; a rollback, of a savepoint too, releases it with the version that
// was there before. Until then its slot is ours, so that nobody else is offered the message. The transaction
// itself goes on seeing its own versions: what it sent it may read.
//
// The ends are callbacks of the server: they take locks, allocate nothing and throw nothing.
#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

// A message that was taken from an index to be looked at; no change of its row yet.
struct Candidate {
    MessageId id = 0;
    Ticket ticket;
    Version version;
    bool own = false;         // touched by this transaction before
    std::uint32_t group = 0;  // for a reader by groups
};

// A message that this transaction has touched.
struct Touched {
    Ticket ticket;
    std::optional<Version> version;  // none: deleted
};

// This transaction's messages of one queue.
class TouchedQueue {
public:
    TouchedQueue(SharedQueue& queue, std::uint32_t its_epoch) : shared(&queue), epoch(its_epoch) {}

    // The first message that is due by `now` after those taken in this call; null for none.
    const MessageId* first_due(Time now);
    void replace(MessageId id, const std::optional<Version>& version);
    void forget(MessageId id);
    // A reader of its block may have given a message a slot that had none when this transaction touched it:
    // then the slot is this transaction's from now on. False where the message is not one of its own.
    bool adopt(ReadyIndex& slots, std::uint32_t slot);

    SharedQueue* shared;
    std::uint32_t epoch;  // of the index when it was first touched
    MessageId taken_up_to = INT64_MIN;
    std::unordered_map<MessageId, Touched> messages;

private:
    std::set<std::pair<Time, MessageId>> waiting_;
    std::set<MessageId> due_;
};

// To be called at the beginning of each function that changes queues: makes what was done before visible.
// Throws 25006 where the transaction is read-only; `function` is its name for that.
void begin_call(const char* function);

// This transaction's part of a queue, or of a message; null where it has none.
TouchedQueue* touched(SharedQueue& queue);
const Touched* touched(SharedQueue& queue, MessageId id);

// While it lives, messages of a queue may be taken to be looked at. What is neither noted as claimed nor
// given back goes back at its end, or at the transaction's.
class Taking {
public:
    explicit Taking(SharedQueue& queue);
    Taking(const Taking&) = delete;
    ~Taking();
};

// Takes up to `limit` more messages that are due, the transaction's own among them, in the order of claims.
std::span<Candidate> take_due(SharedQueue& queue, std::size_t limit, Time now);
// Of open groups: as many as there are of the group that waits longest, then of the next; the first of each,
// then the second of each; the first of each alone.
enum class GroupOrder { fill, layers, heads };
std::span<Candidate> take_grouped(SharedQueue& queue, std::size_t limit, GroupOrder order, Time now);

// All that are due and have slots, by id, without taking them: for readers who want few of them.
std::vector<Candidate> list_due(SharedQueue& queue, Time now);
// One of those; null where it is not to be had any more.
Candidate* take_listed(SharedQueue& queue, const Candidate& listed);

// Unclaimed, with the version that was found; none: its row is gone.
void give_back(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& found);
void note_claim(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& after);

// Where the index has a message that nobody holds.
Place known_place(SharedQueue& queue, MessageId id);
struct Sent {
    MessageId id;
    Version version;
    std::int8_t priority;
    GroupKey group;
};
void note_sent(SharedQueue& queue, std::span<const Sent> sent);
// Changed, or deleted where there is no version after it.
void note_change(SharedQueue& queue, MessageId id, Version before, const std::optional<Version>& after,
                 GroupKey group);

}  // namespace singularity::queue
