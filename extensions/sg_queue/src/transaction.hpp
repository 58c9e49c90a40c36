// What this session's open transaction has done to queues, so that its end can tell the shared indexes.
//
// Each change of a message's row is noted with the version before and after it. A commit releases every
// touched message with its last version; a rollback, of a savepoint too, releases it with the version that
// was there before. Until then its slot is ours, so that nobody else is offered the message. The transaction
// itself goes on seeing its own versions: what it sent it may read.
//
// The ends are callbacks of the server: they take locks, allocate nothing and throw nothing.
#pragma once

#include "extensions/sg_queue/src/touched_queue.hpp"

namespace singularity::queue {

struct Candidate;

// To be called at the beginning of each function that changes queues: makes what was done before visible.
// Throws 25006 where the transaction is read-only; `function` is its name for that.
void begin_call(const char* function);

// This transaction's part of a queue, or of a message; null where it has none.
TouchedQueue* touched(SharedQueue& queue);
const Touched* touched(SharedQueue& queue, MessageId id);

// From now on this session hears of its transactions' ends.
void hear_of_ends();

void note_claim(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& after);

// What the index says of a message that nobody holds.
Version known_version(SharedQueue& queue, MessageId id);

struct Sent {
    MessageId id;
    Version version;
    Standing standing;
};
// `epoch` is the index's before the headers were looked at: other rules may have come to hold since then.
void note_sent(SharedQueue& queue, std::uint32_t epoch, std::span<const Sent> sent);
// Changed, or deleted where there is no version after it.
void note_change(SharedQueue& queue, std::uint32_t epoch, MessageId id, Version before,
                 const std::optional<Version>& after, Standing standing);

// The queue follows other rules from the commit on.
void note_rules(SharedQueue& queue, const ClaimRules& rules);

}  // namespace singularity::queue
