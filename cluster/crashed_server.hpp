// What a crashed server leaves in the kernel (System V and POSIX shared memory, sockets), and the one
// safe way to be rid of it: the server's own next start.
#pragma once

#include "cluster/binaries.hpp"
#include "cluster/home.hpp"

namespace singularity::cluster {

// Starts the server on the home's data directory, waits for its recovery and shuts it down. No job and
// no subscription runs meanwhile. The caller holds the home's lock; nothing runs on the data directory.
// Where the folder of the sockets is gone, as after the machine's restart, a passing one takes its place.
core::Expected<void> clear_after_crash(const Home& home, const Binaries& binaries,
                                       const std::filesystem::path& sockets);

}  // namespace singularity::cluster
