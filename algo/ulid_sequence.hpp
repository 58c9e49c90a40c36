// The order of monotonic ULIDs: which ids may be handed out next, as a pure function of the last one
// handed out and the clock. Whoever owns the state (an atomic in shared memory, a variable) applies it.
//
// A *tick* is the first eight bytes of a monotonic ULID as a number: 48 bits of milliseconds, then a
// 16-bit counter. Ticks only grow, each is handed out once, and the other eight bytes are random; so
// ids are strictly ordered whatever their random half is. This departs from the spec's "+1 on the
// whole 80 bits", which would make the next id guessable and needs a 128-bit atomic.
//
//     the clock is past the last tick     the millisecond is fresh: its counter starts at random
//     it is not                           last tick + 1, which may *borrow* the next millisecond
//     borrowing passes kUlidMaxBorrow     wait: ids never run further ahead of the clock than that
//     the last tick is further ahead      the clock stepped back: go on from the last tick, so that
//                                         order holds until the clock has caught up
//
// docs/ulid.md draws it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "algo/ulid.hpp"

namespace singularity::algo {

inline constexpr unsigned kUlidCounterBits = 16;

// A fresh millisecond starts its counter below this, and one reservation takes at most this many: so
// a block that begins with a fresh millisecond ends in it.
inline constexpr std::uint64_t kUlidFreshCounters = 1 << 15;
inline constexpr std::uint64_t kUlidMaxBlock = 1 << 15;

// Milliseconds that ids may be ahead of a clock that does not step back.
inline constexpr std::uint64_t kUlidMaxBorrow = 10;

constexpr std::uint64_t ulid_tick(std::uint64_t milliseconds, std::uint64_t counter) {
    return milliseconds << kUlidCounterBits | counter;
}

constexpr std::uint64_t ulid_tick_milliseconds(std::uint64_t tick) {
    return tick >> kUlidCounterBits;
}

// How far a tick is ahead of the clock, in milliseconds; 0 when it is not.
constexpr std::uint64_t ulid_tick_ahead(std::uint64_t tick, std::uint64_t now) {
    const std::uint64_t milliseconds = ulid_tick_milliseconds(tick);
    return milliseconds > now ? milliseconds - now : 0;
}

struct UlidReservation {
    enum class Outcome {
        granted,
        wait,       // until the clock's next millisecond, then try again
        exhausted,  // the state is at the end of time: only a clock gone wrong leads there
    };
    Outcome outcome;
    std::uint64_t first = 0, last = 0;  // the ticks granted, both included; `last` is the next state
};

// Reserves `count` ticks, 1 to kUlidMaxBlock, after `last`. `now` is milliseconds since 1970, at most
// kUlidMaxMilliseconds; `fresh_counter` is random, and its low 15 bits are used.
constexpr UlidReservation reserve_ulids(std::uint64_t last, std::uint64_t now, std::uint16_t fresh_counter,
                                        std::uint64_t count) {
    using enum UlidReservation::Outcome;
    if (now > ulid_tick_milliseconds(last)) {
        const std::uint64_t first = ulid_tick(now, fresh_counter % kUlidFreshCounters);
        return {granted, first, first + count - 1};
    }
    if (count > std::numeric_limits<std::uint64_t>::max() - last) return {exhausted};
    const std::uint64_t end = last + count;
    const bool stepped_back = ulid_tick_ahead(last, now) > kUlidMaxBorrow;
    if (!stepped_back && ulid_tick_ahead(end, now) > kUlidMaxBorrow) return {wait};
    return {granted, last + 1, end};
}

// The state to begin with when the previous one is lost (a restart): the last tick that could have
// been handed out before, if the clock has not stepped back since.
constexpr std::uint64_t first_ulid_state(std::uint64_t now) {
    return ulid_tick(std::min(now + kUlidMaxBorrow, kUlidMaxMilliseconds), (1 << kUlidCounterBits) - 1);
}

constexpr Ulid ulid_at_tick(std::uint64_t tick, std::span<const std::uint8_t, 8> randomness) {
    Ulid ulid;
    for (std::size_t i = 0; i < 8; ++i) {
        ulid.bytes[i] = static_cast<std::uint8_t>(tick >> (56 - 8 * i));
        ulid.bytes[8 + i] = randomness[i];
    }
    return ulid;
}

// The highest tick that is not above `ulid`: as a state, it makes every later id greater than `ulid`.
constexpr std::uint64_t ulid_tick_of(const Ulid& ulid) {
    std::uint64_t tick = 0;
    for (std::size_t i = 0; i < 8; ++i) tick = tick << 8 | ulid.bytes[i];
    return tick;
}

}  // namespace singularity::algo
