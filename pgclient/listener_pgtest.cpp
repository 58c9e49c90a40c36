// A listener against a server: nothing is missed without being told.
#include "core/awaitable_operators.hpp"
#include "pgclient/listener.hpp"
#include "pgclient/testing.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

using namespace core::awaitable_operators;
using namespace std::chrono_literals;
using testing::failure_of;
using testing::run;

constexpr Query kNotify{"notify", "select pg_notify($1, $2)"};
constexpr Query kTerminateListener{
    "terminate listener",
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where application_name = 'the listener' and datname = current_database()"};
constexpr algo::BackoffPolicy kSoon{1ms, 5ms};

class ListenerPg : public ::testing::Test {
protected:
    ConnectOptions options() const { return {.dsn = database_.dsn(), .application_name = "the listener"}; }
    Task<std::unique_ptr<Connection>> sender() { return Connection::open({.dsn = database_.dsn()}); }

    testing::TestDatabase database_;
};

TEST_F(ListenerPg, the_first_word_is_a_resync_and_then_all_that_is_sent) {
    run([&]() -> Task<void> {
        const auto connection = co_await sender();
        Listener listener(options(), {"jobs", "Other \"Channel\""}, kSoon);
        EXPECT_TRUE((co_await listener.next()).resync);
        co_await connection->exec(kNotify, "jobs", "1");
        co_await connection->exec(kNotify, "elsewhere", "2");
        co_await connection->exec(kNotify, "Other \"Channel\"", "3");
        const Notification first = co_await listener.next();
        const Notification second = co_await listener.next();
        EXPECT_EQ(first.channel + "=" + first.payload, "jobs=1");
        EXPECT_FALSE(first.resync);
        EXPECT_EQ(second.channel + "=" + second.payload, "Other \"Channel\"=3");
    });
}

TEST_F(ListenerPg, after_a_lost_connection_it_says_resync_and_hears_again) {
    run([&]() -> Task<void> {
        const auto connection = co_await sender();
        Listener listener(options(), {"jobs"}, kSoon);
        EXPECT_TRUE((co_await listener.next()).resync);
        for (int round = 0; round < 3; ++round) {
            co_await connection->exec(kTerminateListener);
            EXPECT_TRUE((co_await listener.next()).resync);
            EXPECT_EQ(listener.trouble(), "");
            co_await connection->exec(kNotify, "jobs", "after");
            EXPECT_EQ((co_await listener.next()).payload, "after");
        }
    });
}

TEST_F(ListenerPg, notifications_that_came_before_the_loss_are_not_dropped) {
    run([&]() -> Task<void> {
        const auto connection = co_await sender();
        Listener listener(options(), {"jobs"}, kSoon);
        co_await listener.next();
        for (int i = 0; i < 100; ++i) co_await connection->exec(kNotify, "jobs", std::to_string(i));
        for (int i = 0; i < 100; ++i) EXPECT_EQ((co_await listener.next()).payload, std::to_string(i));
    });
}

TEST_F(ListenerPg, a_cancelled_wait_loses_nothing) {
    run([&]() -> Task<void> {
        const auto connection = co_await sender();
        Listener listener(options(), {"jobs"}, kSoon);
        co_await listener.next();
        boost::asio::cancellation_signal signal;
        std::optional<DbError> failure;
        const auto waiter = [&]() -> Task<void> { failure = co_await failure_of(listener.next()); };
        boost::asio::co_spawn(co_await boost::asio::this_coro::executor, waiter(),
                              boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
        co_await boost::asio::post(boost::asio::use_awaitable);
        signal.emit(boost::asio::cancellation_type::terminal);
        while (!failure) co_await boost::asio::post(boost::asio::use_awaitable);
        EXPECT_EQ(failure->cause(), Cause::cancelled);
        co_await connection->exec(kNotify, "jobs", "still here");
        const Notification notification = co_await listener.next();
        EXPECT_EQ(notification.payload, "still here");
        EXPECT_FALSE(notification.resync) << "the connection was kept";
    });
}

TEST_F(ListenerPg, a_channel_that_cannot_be_listened_to_is_refused) {
    EXPECT_THROW(Listener(options(), {""}), std::invalid_argument);
    EXPECT_THROW(Listener(options(), {std::string(64, 'x')}), std::invalid_argument);
}

TEST(ListenerRestartPg, a_restart_of_the_server_is_survived_and_its_trouble_told) {
    const testing::OwnCluster cluster;
    run([&]() -> Task<void> {
        Listener listener({.dsn = cluster.dsn()}, {"jobs"}, kSoon);
        EXPECT_TRUE((co_await listener.next()).resync);
        cluster.control("stop");
        const auto waiter = [&]() -> Task<void> { EXPECT_TRUE((co_await listener.next()).resync); };
        const auto starter = [&]() -> Task<void> {
            while (listener.trouble().empty()) co_await boost::asio::post(boost::asio::use_awaitable);
            cluster.control("start");
        };
        co_await (waiter() && starter());
        EXPECT_EQ(listener.trouble(), "");
        const auto connection = co_await Connection::open({.dsn = cluster.dsn()});
        co_await connection->exec(kNotify, "jobs", "back");
        EXPECT_EQ((co_await listener.next()).payload, "back");
    });
}

}  // namespace
}  // namespace singularity::pgclient
