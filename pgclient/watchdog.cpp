#include "pgclient/watchdog.hpp"

#include <algorithm>

namespace singularity::pgclient {

namespace {

constexpr std::chrono::seconds kTick{1};

}  // namespace

// Shared with the timer's handler, which may already be queued when the watchdog is destroyed.
struct Watchdog::State : std::enable_shared_from_this<State> {
    State(const boost::asio::any_io_executor& executor, std::function<void()> callback)
        : timer(executor), on_expiry(std::move(callback)) {}

    void set_timer() {
        ticking = true;
        timer.expires_at(std::min(deadline, Clock::now() + kTick));
        timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            if (error) return;
            if (const auto self = weak.lock()) self->tick();
        });
    }

    void tick() {
        ticking = false;
        if (!armed) return;
        if (Clock::now() < deadline) return set_timer();
        armed = false;
        on_expiry();
    }

    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    Clock::time_point deadline{};
    bool armed = false;
    bool ticking = false;
};

Watchdog::Watchdog(const boost::asio::any_io_executor& executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(executor, std::move(on_expiry))) {}

Watchdog::~Watchdog() {
    rest();
}

void Watchdog::arm(Clock::time_point deadline) {
    state_->deadline = deadline;
    state_->armed = true;
    if (!state_->ticking || deadline < state_->timer.expiry()) state_->set_timer();
}

void Watchdog::disarm() {
    state_->armed = false;
}

void Watchdog::rest() {
    state_->armed = false;
    state_->ticking = false;
    state_->timer.cancel();
}

}  // namespace singularity::pgclient
