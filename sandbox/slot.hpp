// A user id that only one workspace on this machine has at a time: a lock file for each, released by the
// kernel when its holder is gone.
#pragma once

#include <sys/types.h>

#include <optional>

#include "core/descriptor.hpp"

namespace singularity::sandbox {

struct Slot {
    unsigned number = 0;
    uid_t user = 0;  // of group number `user` too
    core::Descriptor lock;
};

class Slots {
public:
    // `folder` holds the lock files; `first` is the first user id. Without `first` all slots are our own
    // user's.
    Slots(core::Descriptor folder, std::optional<uid_t> first, unsigned count);

    std::optional<Slot> take();

private:
    std::optional<Slot> try_each();

    core::Descriptor folder_;
    std::optional<uid_t> first_;
    unsigned count_, next_ = 0;
};

}  // namespace singularity::sandbox
