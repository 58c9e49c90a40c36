#include "capabilities/local_ids.hpp"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "algo/ulid_sequence.hpp"

namespace singularity::capabilities {

namespace {

void fill_random(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
        if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

std::uint64_t clock_milliseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now).count();
    if (milliseconds < 0 || milliseconds > static_cast<std::int64_t>(algo::kUlidMaxMilliseconds)) {
        throw std::runtime_error("the system's clock is out of range for a ULID, which holds 1970 to 10889");
    }
    return static_cast<std::uint64_t>(milliseconds);
}

}  // namespace

algo::Ulid LocalIds::next() {
    std::array<std::uint8_t, 10> randomness;
    fill_random(randomness);
    return algo::Ulid::from_parts(clock_milliseconds(), randomness);
}

algo::Ulid LocalIds::next_monotonic() {
    std::array<std::uint8_t, 10> randomness;
    fill_random(randomness);
    const auto fresh_counter = static_cast<std::uint16_t>(randomness[8] << 8 | randomness[9]);
    while (true) {
        const auto reservation = algo::reserve_ulids(last_tick_, clock_milliseconds(), fresh_counter, 1);
        switch (reservation.outcome) {
            case algo::UlidReservation::Outcome::granted:
                last_tick_ = reservation.last;
                return algo::ulid_at_tick(reservation.first, std::span(randomness).first<8>());
            case algo::UlidReservation::Outcome::wait:
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                break;
            case algo::UlidReservation::Outcome::exhausted:
                throw std::runtime_error("no monotonic ULID is left after the last one: set the clock right");
        }
    }
}

}  // namespace singularity::capabilities
