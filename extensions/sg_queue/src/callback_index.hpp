// A queue's index for the server's callbacks, which no error may leave: locked without the guards of C++.
//
// One that was emptied since `epoch`, when our tickets were made, or that can't be mapped, for want of
// memory, is emptied: the next reader fills it again. Waiters are woken when it is unlocked, one for each
// message that became theirs to have. Allocates nothing, throws nothing.
#pragma once

#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

class CallbackIndex {
public:
    CallbackIndex(SharedQueue& queue, std::uint32_t epoch);
    CallbackIndex(const CallbackIndex&) = delete;
    ~CallbackIndex();

    // The version that counts from now on; none: the message is gone.
    void settle(Ticket ticket, Order order, const std::optional<Version>& version, Time now);

    // Of a message that stays this transaction's: a savepoint before its claim was rolled back to.
    void unclaim(Ticket ticket, Time now);

private:
    void note_room(Time now);

    SharedQueue& queue_;
    std::optional<QueueIndex> index_;
    std::uint32_t became_ready_ = 0;
    bool became_first_ = false;
};

}  // namespace singularity::queue
