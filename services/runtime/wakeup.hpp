// A bell between coroutines of one executor: who waits is woken by notify() or when time is up. A ring
// that came while nobody waited is kept for the next one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace singularity::services {

class Wakeup {
public:
    explicit Wakeup(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    void notify();
    boost::asio::awaitable<void> wait(std::chrono::milliseconds at_most);

private:
    boost::asio::steady_timer timer_;
    bool rung_ = false;
};

}  // namespace singularity::services
