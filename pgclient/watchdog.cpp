#include "pgclient/watchdog.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <optional>

namespace singularity::pgclient {

namespace {

constexpr std::chrono::seconds kTick{1};

using Loop = boost::asio::io_context::executor_type;

std::optional<Loop> loop_of(const boost::asio::any_io_executor& executor) {
    const Loop* loop = executor.target<Loop>();
    return loop ? std::optional(*loop) : std::nullopt;
}

}  // namespace

// Shared with the timer's handler, which may already be queued when the watchdog is destroyed.
struct Watchdog::State : std::enable_shared_from_this<State> {
    State(const boost::asio::any_io_executor& executor, std::function<void()> callback)
        : timer(executor), loop(loop_of(executor)), on_expiry(std::move(callback)) {}

    // An io_context runs as long as it counts work. The wait is taken off the count here, and put back when
    // its handler begins, after which Asio takes it off.
    void set_timer() {
        ticking = true;
        timer.expires_at(std::min(deadline, Clock::now() + kTick));
        timer.async_wait([weak = weak_from_this(), counted = loop](boost::system::error_code error) {
            if (counted) counted->on_work_started();
            if (error) return;
            if (const auto self = weak.lock()) self->tick();
        });
        if (loop) loop->on_work_finished();
    }

    void tick() {
        ticking = false;
        if (!armed) return;
        if (Clock::now() < deadline) return set_timer();
        armed = false;
        on_expiry();
    }

    boost::asio::steady_timer timer;
    std::optional<Loop> loop;  // none on another executor
    std::function<void()> on_expiry;
    Clock::time_point deadline{};
    bool armed = false;
    bool ticking = false;
};

Watchdog::Watchdog(const boost::asio::any_io_executor& executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(executor, std::move(on_expiry))) {}

Watchdog::~Watchdog() = default;

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
    if (state_->loop) return;
    state_->ticking = false;
    state_->timer.cancel();
}

}  // namespace singularity::pgclient
