// Room for boxes: as many as the machine bears, by memory. Their number is the consumer's to bound.
//
// Who needs more than is free waits; of those who wait the one with the highest priority is next, then who
// came first, and nobody overtakes him: a large job is not starved by small ones. Not thread-safe: one
// executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <list>
#include <utility>

namespace singularity::services::genesis {

class Admission {
public:
    class Place;

    Admission(boost::asio::any_io_executor executor, std::int64_t memory_mb)
        : executor_(std::move(executor)), free_mb_(memory_mb), all_mb_(memory_mb) {}
    Admission(const Admission&) = delete;

    // Whether there is room at once.
    bool has_room(std::int64_t memory_mb) const;

    // Throws what a cancelled wait throws. Who needs more than there is has all of it.
    boost::asio::awaitable<Place> enter(std::int64_t memory_mb, std::int64_t priority);

private:
    struct Waiter {
        std::int64_t memory_mb, priority;
        boost::asio::steady_timer* admitted;
        bool is_in = false;
    };
    struct InLine;

    void leave(std::int64_t memory_mb);
    void admit();

    boost::asio::any_io_executor executor_;
    std::int64_t free_mb_, all_mb_;
    std::list<Waiter> waiters_;  // in the order in which they are next
};

// Room, until it is destroyed.
class Admission::Place {
public:
    Place(Admission& admission, std::int64_t memory_mb) : admission_(&admission), memory_mb_(memory_mb) {}
    ~Place() {
        if (admission_) admission_->leave(memory_mb_);
    }
    Place(Place&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), memory_mb_(other.memory_mb_) {}
    Place& operator=(Place&&) = delete;

private:
    Admission* admission_;
    std::int64_t memory_mb_;
};

}  // namespace singularity::services::genesis
