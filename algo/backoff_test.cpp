#include "algo/backoff.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

namespace singularity::algo {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST(Backoff, ceiling_doubles_until_the_cap_and_stays_there) {
    const BackoffPolicy policy{milliseconds{100}, milliseconds{1'000}};
    EXPECT_EQ(backoff_ceiling(policy, 0), milliseconds{100});
    EXPECT_EQ(backoff_ceiling(policy, 1), milliseconds{200});
    EXPECT_EQ(backoff_ceiling(policy, 3), milliseconds{800});
    EXPECT_EQ(backoff_ceiling(policy, 4), milliseconds{1'000});
    EXPECT_EQ(backoff_ceiling(policy, 4'000'000'000u), milliseconds{1'000});
}

TEST(Backoff, a_cap_below_the_base_holds_from_the_first_delay) {
    EXPECT_EQ(backoff_ceiling({milliseconds{500}, milliseconds{20}}, 0), milliseconds{20});
}

TEST(Backoff, huge_caps_do_not_overflow) {
    const BackoffPolicy policy{milliseconds{1}, milliseconds::max()};
    EXPECT_EQ(backoff_ceiling(policy, 200), milliseconds::max());
}

TEST(Backoff, a_policy_of_zero_never_waits) {
    EXPECT_EQ(backoff_ceiling({milliseconds{0}, milliseconds{10}}, 9), milliseconds{0});
    EXPECT_EQ(full_jitter(milliseconds{0}, kMost), milliseconds{0});
}

TEST(Backoff, jitter_reaches_both_ends_and_never_leaves_them) {
    EXPECT_EQ(full_jitter(milliseconds{100}, 0), milliseconds{0});
    EXPECT_EQ(full_jitter(milliseconds{100}, kMost), milliseconds{100});
    EXPECT_EQ(full_jitter(milliseconds{100}, kMost / 2), milliseconds{50});
}

TEST(Backoff, jitter_is_spread_evenly) {
    std::mt19937_64 random(7);
    int below_half = 0;
    for (int i = 0; i < 10'000; ++i) {
        below_half += full_jitter(milliseconds{999}, random()) < milliseconds{500};
    }
    EXPECT_GT(below_half, 4'700);
    EXPECT_LT(below_half, 5'300);
}

TEST(Backoff, success_starts_over) {
    Backoff backoff({milliseconds{100}, milliseconds{1'000}});
    EXPECT_EQ(backoff.next(kMost), milliseconds{100});
    EXPECT_EQ(backoff.next(kMost), milliseconds{200});
    EXPECT_EQ(backoff.failures(), 2u);
    backoff.reset();
    EXPECT_EQ(backoff.next(kMost), milliseconds{100});
}

}  // namespace
}  // namespace singularity::algo
