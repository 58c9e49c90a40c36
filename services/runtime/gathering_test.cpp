// Many callers, few batches, whoever fails or leaves.
#include "services/runtime/gathering.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace singularity::services {
namespace {

using pgclient::Task;

// Numbers that are carried when open() lets them; what came of each: "carried", or why it was not.
class GatheringTest : public ::testing::Test {
protected:
    void add(int number) {
        boost::asio::co_spawn(
            context_, [this, number]() -> Task<void> { (void)co_await numbers_.add(number); },
            boost::asio::bind_cancellation_slot(stops_[number].slot(),
                                                [this, number](std::exception_ptr failure) {
                                                    outcomes_[number] = failure ? reason(failure) : "carried";
                                                    if (number == 1 && when_first_ends_) when_first_ends_();
                                                }));
    }

    void open() {
        is_open_ = true;
        door_.cancel();
    }

    // Until everybody waits for something.
    void run() {
        context_.restart();
        context_.poll();
    }

    static std::string reason(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const boost::system::system_error& error) {
            return error.code() == boost::asio::error::operation_aborted ? "cancelled" : error.what();
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    Task<void> carry(std::vector<int*> items) {
        std::vector<int> batch;
        batch.reserve(items.size());
        for (const int* item : items) batch.push_back(*item);
        batches_.push_back(batch);
        if (!is_open_) co_await door_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (!is_open_) throw boost::system::system_error(boost::asio::error::operation_aborted);
        if (away_) throw pgclient::DbError({.cause = pgclient::Cause::connection, .message = "away"});
        if (std::ranges::contains(batch, bad_)) throw std::runtime_error("bad");
    }

    boost::asio::io_context context_;
    boost::asio::steady_timer door_{context_, boost::asio::steady_timer::time_point::max()};
    bool is_open_ = false, away_ = false;
    int bad_ = -1;
    std::function<void()> when_first_ends_;
    std::vector<std::vector<int>> batches_;
    std::map<int, std::string> outcomes_;
    std::map<int, boost::asio::cancellation_signal> stops_;
    Gathering<int> numbers_{3, [this](const std::vector<int*>& items) { return carry(items); }};
};

using Batches = std::vector<std::vector<int>>;

TEST_F(GatheringTest, who_comes_meanwhile_goes_with_the_next_batch) {
    add(1);
    run();
    for (const int number : {2, 3, 4, 5}) add(number);
    run();
    open();
    run();
    EXPECT_EQ(batches_, (Batches{{1}, {2, 3, 4}, {5}}));
    EXPECT_EQ(outcomes_.size(), 5U);
    for (const auto& [number, outcome] : outcomes_) EXPECT_EQ(outcome, "carried") << number;
}

TEST_F(GatheringTest, who_is_ready_at_the_same_time_goes_together) {
    for (const int number : {1, 2, 3}) add(number);
    open();
    run();
    EXPECT_EQ(batches_, (Batches{{1, 2, 3}}));
}

TEST_F(GatheringTest, a_bad_item_fails_alone) {
    bad_ = 2;
    for (const int number : {1, 2, 3}) add(number);
    open();
    run();
    EXPECT_EQ(outcomes_, (std::map<int, std::string>{{1, "carried"}, {2, "bad"}, {3, "carried"}}));
}

TEST_F(GatheringTest, a_database_that_is_away_is_everybodys) {
    away_ = true;
    for (const int number : {1, 2}) add(number);
    open();
    run();
    EXPECT_EQ(batches_.size(), 1U);
    EXPECT_EQ(outcomes_[1], outcomes_[2]);
    EXPECT_NE(outcomes_[1], "carried");
}

TEST_F(GatheringTest, who_is_cancelled_while_it_carries_leaves_the_others_to_the_next) {
    for (const int number : {1, 2, 3}) add(number);
    run();
    stops_[1].emit(boost::asio::cancellation_type::terminal);
    run();
    open();
    run();
    EXPECT_EQ(batches_, (Batches{{1, 2, 3}, {2, 3}}));
    EXPECT_EQ(outcomes_, (std::map<int, std::string>{{1, "cancelled"}, {2, "carried"}, {3, "carried"}}));
}

TEST_F(GatheringTest, who_is_cancelled_while_it_waits_keeps_nobody) {
    add(1);
    run();
    for (const int number : {2, 3}) add(number);
    run();
    stops_[2].emit(boost::asio::cancellation_type::terminal);
    open();
    run();
    EXPECT_EQ(batches_, (Batches{{1}, {3}}));
    EXPECT_EQ(outcomes_[2], "cancelled");
    EXPECT_EQ(outcomes_[3], "carried");
}

TEST_F(GatheringTest, who_is_cancelled_when_its_turn_has_come_leaves_it_to_the_next) {
    add(1);
    run();
    for (const int number : {2, 3}) add(number);
    run();
    when_first_ends_ = [this] { stops_[2].emit(boost::asio::cancellation_type::terminal); };
    open();
    run();
    EXPECT_EQ(outcomes_, (std::map<int, std::string>{{1, "carried"}, {2, "cancelled"}, {3, "carried"}}));
}

TEST_F(GatheringTest, a_stop_of_all_ends_all) {
    for (const int number : {1, 2, 3, 4}) add(number);
    run();
    for (auto& [number, stop] : stops_) stop.emit(boost::asio::cancellation_type::terminal);
    run();
    EXPECT_EQ(outcomes_.size(), 4U);
    for (const auto& [number, outcome] : outcomes_) EXPECT_EQ(outcome, "cancelled") << number;
}

}  // namespace
}  // namespace singularity::services
