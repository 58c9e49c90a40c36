// One transaction's messages of one queue: what it has sent, claimed, changed or deleted.
#pragma once

#include <set>
#include <unordered_map>

#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

struct Touched {
    Ticket ticket;
    std::optional<Place> from;  // of its row when the ticket was made; none: sent
    std::int8_t priority = 0;
    std::optional<Version> version;  // none: deleted
};

class TouchedQueue {
public:
    TouchedQueue(SharedQueue& queue, std::uint32_t its_epoch) : shared(&queue), epoch(its_epoch) {}

    // The first message that is due by `now` after those taken in this call; null for none.
    const Order* first_due(Time now);
    void replace(MessageId id, const std::optional<Version>& version);
    void forget(MessageId id);
    // A reader of its block may have given a message a slot that had none when this transaction touched it:
    // then the slot is this transaction's from now on. False where the message is not one of its own.
    bool adopt(ReadyIndex& slots, std::uint32_t slot);

    SharedQueue* shared;
    std::uint32_t epoch;  // of the index when the first of its messages was touched
    bool remade = false;  // the table itself, or dropped, by this transaction
    std::optional<Order> taken_up_to;
    std::unordered_map<MessageId, Touched> messages;

private:
    std::set<std::pair<Time, MessageId>> waiting_;
    std::set<Order> due_;
};

}  // namespace singularity::queue
