// Who works on a home: a lock on state/lock, held by the supervisor as long as it lives and by `down`
// while it cleans up. The kernel drops it with the last process that holds it, however that ends.
// An open-file-description lock: it survives the fork into the background and can be asked about
// without being taken. Source: fcntl(2) F_OFD_SETLK.
#pragma once

#include <sys/types.h>

#include <optional>

#include "cluster/descriptor.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

class HomeLock {
public:
    // Refused where somebody holds it; the message names its process.
    static core::Expected<HomeLock> take(const Home& home);

    // Writes this process's id into the file, for those who ask; again after a fork.
    void sign() const;

private:
    explicit HomeLock(Descriptor file) : file_(std::move(file)) {}

    Descriptor file_;
};

// The process that holds the home's lock, none where nobody does; -1 where it has not signed yet.
std::optional<pid_t> lock_holder(const Home& home);

}  // namespace singularity::cluster
