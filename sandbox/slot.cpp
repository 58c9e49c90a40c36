#include "sandbox/slot.hpp"

#include <unistd.h>

#include <string>

#include "sandbox/holder.hpp"

namespace singularity::sandbox {

Slots::Slots(core::Descriptor folder, std::optional<uid_t> first, unsigned count)
    : folder_(std::move(folder)), first_(first), count_(count) {}

// Round and round, so that a number rests before it is used again.
std::optional<Slot> Slots::try_each() {
    for (unsigned tried = 0; tried < count_; ++tried) {
        const unsigned number = next_++ % count_;
        const uid_t user = first_ ? *first_ + number : ::getuid();
        core::Descriptor lock = try_lock(folder_.get(), std::to_string(first_ ? user : number));
        if (lock) return Slot{.number = number, .user = user, .lock = std::move(lock)};
    }
    return std::nullopt;
}

std::optional<Slot> Slots::take() {
    if (auto slot = try_each()) return slot;
    ::usleep(1'000);  // who removes a file holds it for a moment
    return try_each();
}

}  // namespace singularity::sandbox
