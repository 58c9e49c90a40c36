// Who waits for a message of a queue, and waking one for each that becomes ready.
//
// A waiter's node lies in shared memory, in the list of its queue, under the queue's lock. Waking takes it
// out of the list and sets its process's latch. The first of a list also watches the clock for the next
// delayed message: the others sleep on. One that leaves with a wake that it did not use passes it on.
//
// What somebody was woken for is promised to him for a moment: whoever only looks at the clock leaves it
// alone.
#pragma once

#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

struct WaiterNode {
    dsa_pointer next, previous;
    int process;  // its number
    bool linked;
};

// Called with the queue locked: `count` messages became ready; `clock_changed` where another delayed message
// has become the next.
void wake_waiters(SharedQueue& queue, std::uint32_t count, bool clock_changed) noexcept;

// Called with the queue locked: so many ready messages were taken.
void note_taken(SharedQueue& queue, std::size_t count) noexcept;

// This session's place among the waiters of a queue, for a scope.
class Waiter {
public:
    explicit Waiter(SharedQueue& queue);
    Waiter(const Waiter&) = delete;
    ~Waiter();

    // To be called before each sleep: true where a message is ready, or the index must be filled, else the
    // sleep is not to go past `deadline`, which becomes earlier where this is the first waiter and a delayed
    // message is due before it.
    bool ready_or_armed(Time& deadline);
    // The wake was for us and its message will be read: only what else is ready concerns the other waiters.
    void keep_wake() { passes_on_after_ = 1; }

private:
    friend void leave_all_queues();
    void leave() noexcept;

    SharedQueue& queue_;
    dsa_pointer address_;
    WaiterNode& node_;
    Waiter* outer_;
    bool entered_ = false;
    std::uint32_t passes_on_after_ = 0;  // ready messages
};

// Until this session is woken or the deadline has come. Interrupts are served.
void sleep_until(Time deadline);

}  // namespace singularity::queue
