#include "pgclient/watchdog.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace singularity::pgclient {
namespace {

using namespace std::chrono_literals;
using Clock = Watchdog::Clock;

class WatchdogTest : public ::testing::Test {
protected:
    boost::asio::io_context context{1};
    int expiries = 0;
    std::function<void()> count = [this] { ++expiries; };

    template <class Function>
    void run(Function function) {
        boost::asio::post(context, std::move(function));
        context.restart();
        context.run();
    }
};

// Each of these would run for an hour if the timer were counted.
TEST_F(WatchdogTest, an_armed_one_keeps_nothing_running) {
    Watchdog watchdog(context.get_executor(), count);
    run([&] { watchdog.arm(Clock::now() + 1h); });
    EXPECT_EQ(expiries, 0);
}

TEST_F(WatchdogTest, work_is_counted_right_after_timers_were_set_anew_and_dropped) {
    auto watchdog = std::make_optional<Watchdog>(context.get_executor(), count);
    run([&] {
        watchdog->arm(Clock::now() + 1h);
        watchdog->arm(Clock::now() + 100ms);  // before the first would look
        boost::asio::post(context, [&] { watchdog.reset(); });
    });
    bool later = false;
    run([&] { boost::asio::post(context, [&] { later = true; }); });
    EXPECT_TRUE(later);
    EXPECT_EQ(expiries, 0);
}

TEST_F(WatchdogTest, it_expires_while_something_else_is_awaited) {
    auto call = boost::asio::make_work_guard(context);
    Watchdog watchdog(context.get_executor(), [&] {
        ++expiries;
        call.reset();
    });
    run([&] { watchdog.arm(Clock::now() + 1ms); });
    EXPECT_EQ(expiries, 1);
}

TEST_F(WatchdogTest, on_a_strand_it_keeps_nothing_running_once_it_rests) {
    Watchdog watchdog(boost::asio::make_strand(context), count);
    run([&] {
        watchdog.arm(Clock::now() + 1h);
        watchdog.rest();
    });
    EXPECT_EQ(expiries, 0);
}

}  // namespace
}  // namespace singularity::pgclient
