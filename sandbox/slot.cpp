#include "sandbox/slot.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <string>

namespace singularity::sandbox {

Slots::Slots(core::Descriptor folder, std::optional<uid_t> first, unsigned count)
    : folder_(std::move(folder)), first_(first), count_(count) {}

// Round and round, so that a number rests before it is used again.
std::optional<Slot> Slots::take() {
    for (unsigned tried = 0; tried < count_; ++tried) {
        const unsigned number = next_++ % count_;
        const uid_t user = first_ ? *first_ + number : ::getuid();
        const std::string name = std::to_string(first_ ? user : number);
        core::Descriptor lock(
            ::openat(folder_.get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
        return Slot{.number = number, .user = user, .lock = std::move(lock)};
    }
    return std::nullopt;
}

}  // namespace singularity::sandbox
