// A queue's index for the server's callbacks, which no error may leave: locked without the guards of C++.
//
// In one that was emptied since `epoch`, when our first ticket was made, messages are found by their ids;
// what it may lack then, or has no room for, makes the next reader fill it up. One that can't be mapped, for
// want of memory, is emptied. Waiters are woken when it is unlocked, one for each message that became theirs
// to have. Allocates nothing, throws nothing.
#pragma once

#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

class CallbackIndex {
public:
    CallbackIndex(SharedQueue& queue, std::uint32_t epoch);
    CallbackIndex(const CallbackIndex&) = delete;
    ~CallbackIndex();

    // The version that counts from now on; none: the message is gone. `from` is where its row was when the
    // ticket was made, or nowhere.
    void settle(Ticket ticket, Order order, std::optional<Place> from, const std::optional<Version>& version,
                Time now);

    // The table itself was made anew.
    void forget_all();

    // Of a message that stays this transaction's: a savepoint before its claim was rolled back to.
    void unclaim(Ticket ticket, Time now);

private:
    Ticket find(Order order, std::optional<Place> from);
    void note_room(Time now);
    void note_gap();

    SharedQueue& queue_;
    std::optional<QueueIndex> index_;
    bool emptied_since_ = false;
    std::uint32_t became_ready_ = 0;
    bool became_first_ = false;
};

}  // namespace singularity::queue
