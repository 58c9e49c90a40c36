// Taking messages out of an index to look at their rows, and giving back those that are not claimed.
#pragma once

#include "extensions/sg_queue/src/touched_queue.hpp"

namespace singularity::queue {

// A message that was taken from an index to be looked at; no change of its row yet.
struct Candidate {
    Order order;
    Ticket ticket;
    Version version;
    bool own = false;         // touched by this transaction before
    std::uint32_t group = 0;  // for a reader by groups
};

// While it lives, messages of a queue may be taken to be looked at. What is neither noted as claimed nor
// given back goes back at its end, or at the transaction's.
class Taking {
public:
    explicit Taking(SharedQueue& queue);
    Taking(const Taking&) = delete;
    ~Taking();

    static std::uint32_t epoch();  // of the index when it began
};

// Takes up to `limit` more messages that are due, the transaction's own among them, in the order of claims.
std::span<Candidate> take_due(SharedQueue& queue, std::size_t limit, Time now);
// Of open groups: as many as there are of the group that waits longest, then of the next; the first of each,
// then the second of each; the first of each alone.
enum class GroupOrder { fill, layers, heads };
std::span<Candidate> take_grouped(SharedQueue& queue, std::size_t limit, GroupOrder order, Time now);

// All that are due and have slots, in order, without taking them: for readers who want few of them.
std::vector<Candidate> list_due(SharedQueue& queue, Time now);
// One of those; null where it is not to be had any more.
Candidate* take_listed(SharedQueue& queue, const Candidate& listed);

// A message whose claims live in memory, where no lock of its row tells that somebody has it: waits for who
// does. Null where the index does not have it, or this transaction has it already, or it is being sent and
// was not `seen`: its sender's commit shows it a moment before the index hears of that.
Candidate* take_to_change(SharedQueue& queue, MessageId id, bool seen);

// Unclaimed, with the version that was found; none: its row is gone.
void give_back(SharedQueue& queue, Candidate& candidate, const std::optional<Version>& found);
// All that was taken and not noted as claimed; by the end of a transaction too, so it throws nothing.
void give_back_taken();

}  // namespace singularity::queue
