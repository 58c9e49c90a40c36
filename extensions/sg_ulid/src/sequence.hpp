// The one sequence of monotonic ulids that all sessions of all databases of a server share.
//
// It is a single atomic word in shared memory, the last tick handed out; what may follow is decided by
// algo/ulid_sequence.hpp. The memory is found by name in the server's registry of dynamic shared
// memory, so nothing is preloaded; the name carries the layout's version, so that an upgrade that
// changes it needs no restart. The word lives until the server restarts (docs/ulid.md says what holds
// then).
#pragma once

#include "extensions/sg_ulid/src/postgres.hpp"

namespace singularity::sg_ulid {

// Milliseconds since 1970. Reports an error when the clock is outside what a ULID can hold.
std::uint64_t clock_milliseconds();

// Takes `count` ticks, 1 to algo::kUlidMaxBlock, greater than all taken before, and returns the first.
// May wait, interruptibly, until the clock has caught up with what was borrowed.
std::uint64_t reserve_ticks(std::uint64_t count);

// The last tick handed out.
std::uint64_t last_tick();

// Makes `tick` count as handed out. False when the sequence was there already.
bool advance_past(std::uint64_t tick);

}  // namespace singularity::sg_ulid
