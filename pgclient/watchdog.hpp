// The deadline of the call in progress on one connection.
//
// Arming a timer for each statement and cancelling it again would cost system calls that a short
// statement can feel. So one timer is set, for the deadline or a second, whichever is sooner; when it
// goes off it looks whether a deadline has really passed, and sets itself again only during a call.
//
// On an io_context's own executor the timer is no work that keeps run() going: a call waits for its socket,
// which is. So a pool need not stop and set it again for each lease.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace singularity::pgclient {

class Watchdog {
public:
    using Clock = std::chrono::steady_clock;

    // `on_expiry` runs on the executor, at most once for each arm(). It is not called any more once the
    // watchdog is destroyed or disarmed.
    Watchdog(const boost::asio::any_io_executor& executor, std::function<void()> on_expiry);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void arm(Clock::time_point deadline);
    void disarm();
    // Disarms, and lets go of a timer that would keep something running for up to a second: on a strand or
    // another executor.
    void rest();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace singularity::pgclient
