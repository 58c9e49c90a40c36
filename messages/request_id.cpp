#include "messages/request_id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cerrno>
#include <mutex>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "algo/ulid_sequence.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"
#include "messages/utf8.hpp"

namespace singularity::messages {

namespace {

using Randomness = std::array<std::uint8_t, 10>;

// Eight bytes for an id, two for the counter of a fresh millisecond.
Randomness randomness() {
    Randomness bytes;
    // Up to 256 bytes come whole once the kernel has them.
    while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return bytes;
}

std::uint64_t clock_milliseconds() {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(core::now().time_since_epoch()).count();
    if (now < 0 || now > static_cast<std::int64_t>(algo::kUlidMaxMilliseconds)) {
        throw std::runtime_error("the clock is out of range for a ULID, which holds 1970 to 10889");
    }
    return static_cast<std::uint64_t>(now);
}

// A tick that nobody else in this process gets.
std::uint64_t next_tick(std::uint16_t fresh_counter) {
    static std::mutex mutex;
    static std::uint64_t last = 0;
    while (true) {
        {
            const std::lock_guard lock(mutex);
            const auto reservation = algo::reserve_ulids(last, clock_milliseconds(), fresh_counter, 1);
            if (reservation.outcome == algo::UlidReservation::Outcome::exhausted) {
                throw std::runtime_error("no ULID is left after the last one: set the clock right");
            }
            if (reservation.outcome == algo::UlidReservation::Outcome::granted)
                return last = reservation.last;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

std::string new_request_id() {
    const Randomness bytes = randomness();
    const std::uint64_t tick = next_tick(static_cast<std::uint16_t>(bytes[8] << 8 | bytes[9]));
    const algo::UlidText text = algo::ulid_at_tick(tick, std::span(bytes).first<8>()).text();
    return std::string(text.data(), text.size());
}

std::string request_id_of(const boost::json::object& body) {
    for (const std::string_view field : {"request_id", "id", "query_id"}) {
        const boost::json::value* value = body.if_contains(field);
        if (value && value->is_string() && !value->get_string().empty())
            return std::string(value->get_string());
    }
    return {};
}

std::string trouble_with_request_id(std::string_view id) {
    if (id.size() > kLongestRequestId)
        return core::format("has {} bytes; {} are the most", id.size(), kLongestRequestId);
    const bool control = std::ranges::any_of(id, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control || fault_of(id) != TextFault::none) return "has control characters or is not UTF-8";
    return id.find_first_not_of(' ') == id.npos ? "is blank" : "";
}

}  // namespace singularity::messages
