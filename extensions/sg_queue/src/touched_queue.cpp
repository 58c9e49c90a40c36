#include "extensions/sg_queue/src/touched_queue.hpp"

namespace singularity::queue {

void TouchedQueue::replace(MessageId id, const std::optional<Version>& version) {
    Touched& message = messages.at(id);
    if (message.version) {
        due_.erase({message.priority, id});
        waiting_.erase({message.version->due, id});
    }
    message.version = version;
    if (version) waiting_.emplace(version->due, id);
}

void TouchedQueue::forget(MessageId id) {
    replace(id, std::nullopt);
    messages.erase(id);
}

const Order* TouchedQueue::first_due(Time now) {
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        const MessageId id = waiting_.begin()->second;
        due_.insert({messages.at(id).priority, id});
        waiting_.erase(waiting_.begin());
    }
    const auto first = taken_up_to ? due_.upper_bound(*taken_up_to) : due_.begin();
    return first == due_.end() ? nullptr : &*first;
}

bool TouchedQueue::adopt(ReadyIndex& slots, std::uint32_t slot) {
    const auto message = messages.find(slots[slot].id);
    if (message == messages.end()) return false;
    message->second.ticket = slots.hold(slot, MyProcNumber);
    return true;
}

}  // namespace singularity::queue
