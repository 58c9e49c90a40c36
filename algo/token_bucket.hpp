// A rate with a burst: at most `per_second` tokens a second in the long run, at most `burst` at once.
//
// Pure: the caller brings the time, which must not go backwards.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace singularity::algo {

class TokenBucket {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Both positive. The bucket begins full.
    TokenBucket(double per_second, double burst, Time now)
        : per_second_(per_second), burst_(std::max(burst, 1.0)), tokens_(burst_), at_(now) {}

    // How many whole tokens there are, at most `wanted`.
    std::size_t available(std::size_t wanted, Time now) {
        refill(now);
        return std::min(wanted, static_cast<std::size_t>(tokens_));
    }

    void take(std::size_t tokens) { tokens_ -= static_cast<double>(tokens); }

    // When the next token will be there; `now` or earlier where one is.
    Time next(Time now) {
        refill(now);
        const std::chrono::duration<double> missing{std::max(0.0, 1.0 - tokens_) / per_second_};
        return now + std::chrono::ceil<std::chrono::steady_clock::duration>(missing);
    }

private:
    void refill(Time now) {
        const std::chrono::duration<double> passed = now - at_;
        tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
        at_ = now;
    }

    double per_second_, burst_, tokens_;
    Time at_;
};

}  // namespace singularity::algo
