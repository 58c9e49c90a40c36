#include "algo/token_bucket.hpp"

#include <gtest/gtest.h>

namespace singularity::algo {
namespace {

using namespace std::chrono_literals;

const TokenBucket::Time kStart{};

TEST(TokenBucket, begins_full_and_gives_no_more_than_it_has) {
    TokenBucket bucket(2, 3, kStart);
    EXPECT_EQ(bucket.available(10, kStart), 3U);
    bucket.take(3);
    EXPECT_EQ(bucket.available(10, kStart), 0U);
}

TEST(TokenBucket, fills_at_its_rate_up_to_its_burst) {
    TokenBucket bucket(2, 3, kStart);
    bucket.take(3);
    EXPECT_EQ(bucket.available(10, kStart + 500ms), 1U);
    EXPECT_EQ(bucket.available(10, kStart + 1h), 3U);
}

TEST(TokenBucket, tells_when_the_next_token_comes) {
    TokenBucket bucket(4, 1, kStart);
    EXPECT_EQ(bucket.next(kStart), kStart);
    bucket.take(1);
    EXPECT_EQ(bucket.next(kStart), kStart + 250ms);
    EXPECT_EQ(bucket.available(1, bucket.next(kStart)), 1U);
}

TEST(TokenBucket, a_rate_below_one_a_second_still_gives_one) {
    TokenBucket bucket(0.5, 0.5, kStart);
    EXPECT_EQ(bucket.available(10, kStart), 1U);
}

}  // namespace
}  // namespace singularity::algo
