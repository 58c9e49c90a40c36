// ULIDs made in this process, where no server is at hand: for a command line, for the id of a request
// before any database has heard of it.
//
// Ids of one LocalIds are strictly ordered if asked for; ids of different processes are ordered by their
// millisecond only. What must be ordered across processes comes from the server (distributed_ids.hpp).
#pragma once

#include <cstdint>

#include "algo/ulid.hpp"

namespace singularity::capabilities {

// Not thread-safe. Throws std::system_error when the kernel has no randomness to give, and
// std::runtime_error when the clock is outside what a ULID can hold.
class LocalIds {
public:
    // The clock's millisecond and 80 random bits.
    algo::Ulid next();

    // Greater than all that this object returned from here before, also when the clock steps back. May
    // sleep for a millisecond when very many are drawn (algo/ulid_sequence.hpp).
    algo::Ulid next_monotonic();

private:
    std::uint64_t last_tick_ = 0;
};

}  // namespace singularity::capabilities
