#include "algo/ulid_sequence.hpp"

#include <gtest/gtest.h>

namespace singularity::algo {
namespace {

using Outcome = UlidReservation::Outcome;

constexpr std::uint64_t kNow = 1'700'000'000'000;
constexpr std::uint64_t kLastCounter = 0xffff;

std::uint64_t granted_state(const UlidReservation& reservation) {
    EXPECT_EQ(reservation.outcome, Outcome::granted);
    return reservation.last;
}

TEST(UlidSequence, begins_a_fresh_millisecond_at_a_random_counter_in_the_lower_half) {
    const auto reservation = reserve_ulids(ulid_tick(kNow - 1, kLastCounter), kNow, 0xabcd, 1);
    EXPECT_EQ(reservation.outcome, Outcome::granted);
    EXPECT_EQ(reservation.first, ulid_tick(kNow, 0x2bcd));
    EXPECT_EQ(reservation.last, reservation.first);
}

TEST(UlidSequence, counts_on_within_a_millisecond) {
    const auto reservation = reserve_ulids(ulid_tick(kNow, 41), kNow, 0x7000, 1);
    EXPECT_EQ(reservation.first, ulid_tick(kNow, 42));
}

TEST(UlidSequence, gives_a_block_every_tick_between_first_and_last) {
    const auto fresh = reserve_ulids(0, kNow, 0xffff, kUlidMaxBlock);
    EXPECT_EQ(fresh.last - fresh.first + 1, kUlidMaxBlock);
    EXPECT_EQ(ulid_tick_milliseconds(fresh.last), kNow) << "a block on a fresh millisecond does not borrow";
    const auto next = reserve_ulids(fresh.last, kNow, 0, 100);
    EXPECT_EQ(next.first, fresh.last + 1);
    EXPECT_EQ(next.last, fresh.last + 100);
}

TEST(UlidSequence, borrows_the_next_millisecond_when_the_counter_is_full) {
    const auto reservation = reserve_ulids(ulid_tick(kNow, kLastCounter), kNow, 9, 1);
    EXPECT_EQ(reservation.outcome, Outcome::granted);
    EXPECT_EQ(reservation.first, ulid_tick(kNow + 1, 0));
}

TEST(UlidSequence, goes_on_from_a_borrowed_millisecond_when_the_clock_reaches_it) {
    const auto reservation = reserve_ulids(ulid_tick(kNow + 1, 7), kNow + 1, 9, 1);
    EXPECT_EQ(reservation.first, ulid_tick(kNow + 1, 8));
}

TEST(UlidSequence, waits_rather_than_run_further_ahead_of_the_clock_than_it_may) {
    const std::uint64_t limit = ulid_tick(kNow + kUlidMaxBorrow, kLastCounter);
    EXPECT_EQ(reserve_ulids(limit - 1, kNow, 0, 1).outcome, Outcome::granted);
    EXPECT_EQ(reserve_ulids(limit, kNow, 0, 1).outcome, Outcome::wait);
    EXPECT_EQ(reserve_ulids(limit - 1, kNow, 0, 2).outcome, Outcome::wait) << "a block is granted whole";
    EXPECT_EQ(reserve_ulids(limit, kNow + 1, 0, 1).outcome, Outcome::granted) << "one millisecond is enough";
}

TEST(UlidSequence, is_never_further_ahead_than_the_limit_however_much_is_drawn) {
    std::uint64_t state = 0;
    std::uint64_t now = kNow;
    for (int draw = 0; draw < 2000; ++draw) {
        const auto reservation =
            reserve_ulids(state, now, static_cast<std::uint16_t>(draw * 7919), kUlidMaxBlock);
        if (reservation.outcome == Outcome::wait) {
            ++now;
            continue;
        }
        ASSERT_GT(reservation.first, state);
        state = granted_state(reservation);
        ASSERT_LE(ulid_tick_ahead(state, now), kUlidMaxBorrow);
    }
    EXPECT_GT(now, kNow) << "so much was drawn that it had to wait";
}

TEST(UlidSequence, keeps_order_without_waiting_when_the_clock_steps_back) {
    std::uint64_t state = granted_state(reserve_ulids(0, kNow, 100, 1));
    const std::uint64_t before = state;
    const std::uint64_t an_hour_back = kNow - 3'600'000;
    for (int draw = 0; draw < 100'000; ++draw) {
        const auto reservation = reserve_ulids(state, an_hour_back, 0x7fff, 1);
        ASSERT_EQ(reservation.outcome, Outcome::granted);
        ASSERT_EQ(reservation.first, state + 1);
        state = reservation.last;
    }
    EXPECT_EQ(state, before + 100'000);
    const auto caught_up = reserve_ulids(state, kNow + 1000, 5, 1);
    EXPECT_EQ(caught_up.first, ulid_tick(kNow + 1000, 5)) << "back on the clock once it has caught up";
}

TEST(UlidSequence, keeps_order_through_a_clock_that_wanders) {
    std::uint64_t state = 0;
    std::uint64_t random = 88172645463325252u;
    for (int draw = 0; draw < 100'000; ++draw) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        const std::uint64_t now = kNow + random % 1000;
        const std::uint64_t count = 1 + (random >> 20) % kUlidMaxBlock;
        const auto reservation = reserve_ulids(state, now, static_cast<std::uint16_t>(random >> 40), count);
        if (reservation.outcome == Outcome::wait) continue;
        ASSERT_GT(reservation.first, state);
        ASSERT_EQ(reservation.last - reservation.first + 1, count);
        state = granted_state(reservation);
    }
}

TEST(UlidSequence, ends_at_the_end_of_time_instead_of_wrapping) {
    const std::uint64_t end = ulid_tick(kUlidMaxMilliseconds, kLastCounter);
    EXPECT_EQ(reserve_ulids(end - 1, kNow, 0, 1).outcome, Outcome::granted);
    EXPECT_EQ(reserve_ulids(end, kNow, 0, 1).outcome, Outcome::exhausted);
    EXPECT_EQ(reserve_ulids(end - 1, kNow, 0, 2).outcome, Outcome::exhausted);
    EXPECT_EQ(first_ulid_state(kUlidMaxMilliseconds), end);
}

TEST(UlidSequence, starts_after_everything_that_could_have_been_handed_out_before_a_restart) {
    std::uint64_t state = 0;
    while (true) {
        const auto reservation = reserve_ulids(state, kNow, 0x7fff, kUlidMaxBlock);
        if (reservation.outcome != Outcome::granted) break;
        state = reservation.last;
    }
    EXPECT_GE(first_ulid_state(kNow), state);
    EXPECT_EQ(reserve_ulids(first_ulid_state(kNow), kNow, 0, 1).outcome, Outcome::wait);
    EXPECT_EQ(reserve_ulids(first_ulid_state(kNow), kNow + 1, 0, 1).outcome, Outcome::granted);
}

TEST(UlidSequence, orders_ids_by_tick_whatever_their_random_half) {
    const std::array<std::uint8_t, 8> high{255, 255, 255, 255, 255, 255, 255, 255};
    const std::array<std::uint8_t, 8> low{};
    const Ulid first = ulid_at_tick(ulid_tick(kNow, kLastCounter), high);
    const Ulid second = ulid_at_tick(ulid_tick(kNow + 1, 0), low);
    EXPECT_LT(first, second);
    EXPECT_EQ(first.milliseconds(), kNow);
    EXPECT_EQ(second.milliseconds(), kNow + 1);
    EXPECT_LT(first, ulid_at_tick(ulid_tick_of(first) + 1, low)) << "a state taken from an id leads past it";
}

}  // namespace
}  // namespace singularity::algo
