// Exponential backoff with full jitter: how long to wait before an attempt that follows failures.
//
// The delay is uniform in [0, ceiling], the ceiling doubles with each failure up to a cap. Spreading
// over the whole range keeps many clients of one restarted server from coming back at the same moment
// (Brooker, "Exponential Backoff And Jitter", 2015). Pure: randomness comes from the caller.
#pragma once

#include <chrono>
#include <cstdint>

namespace singularity::algo {

struct BackoffPolicy {
    std::chrono::milliseconds base{100};    // ceiling of the first delay
    std::chrono::milliseconds cap{30'000};  // no ceiling is above it
};

// min(cap, base * 2^failures_before), without overflow. Zero where base or cap is not positive.
constexpr std::chrono::milliseconds backoff_ceiling(BackoffPolicy policy, unsigned failures_before) {
    const std::chrono::milliseconds none{0};
    if (policy.base <= none || policy.cap <= none) return none;
    std::chrono::milliseconds ceiling = policy.base;
    for (unsigned i = 0; i < failures_before && ceiling < policy.cap; ++i) {
        ceiling = ceiling > policy.cap / 2 ? policy.cap : ceiling * 2;
    }
    return ceiling < policy.cap ? ceiling : policy.cap;
}

// `random` is uniform over all 64-bit values; it is scaled to [0, ceiling], both ends included.
constexpr std::chrono::milliseconds full_jitter(std::chrono::milliseconds ceiling, std::uint64_t random) {
    if (ceiling.count() <= 0) return std::chrono::milliseconds{0};
    const auto width = static_cast<std::uint64_t>(ceiling.count()) + 1;
    const std::uint64_t low = (width & 0xffff'ffff) * (random >> 32);
    const std::uint64_t high = (width >> 32) * (random >> 32);
    return std::chrono::milliseconds{static_cast<std::int64_t>(high + (low >> 32))};
}

// Counts failures between successes.
class Backoff {
public:
    constexpr explicit Backoff(BackoffPolicy policy = {}) : policy_(policy) {}

    // The delay after one more failure.
    constexpr std::chrono::milliseconds next(std::uint64_t random) {
        return full_jitter(backoff_ceiling(policy_, failures_++), random);
    }

    constexpr void reset() { failures_ = 0; }
    constexpr unsigned failures() const { return failures_; }

private:
    BackoffPolicy policy_;
    unsigned failures_ = 0;
};

}  // namespace singularity::algo
