#include "services/genesis/admission.hpp"

#include <boost/asio.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace singularity::services::genesis {
namespace {

namespace asio = boost::asio;
using testing::ElementsAre;

class AdmissionTest : public testing::Test {
protected:
    // Enters, and stays until leave().
    void enter(int name, std::int64_t memory_mb, std::int64_t priority = 0) {
        asio::co_spawn(loop_, stay(name, memory_mb, priority),
                       asio::bind_cancellation_slot(stops_[name].slot(), [](std::exception_ptr) {}));
        settle();
    }

    void leave(int name) {
        places_.erase(name);
        settle();
    }

    void cancel(int name) {
        stops_[name].emit(asio::cancellation_type::terminal);
        settle();
    }

    asio::awaitable<void> stay(int name, std::int64_t memory_mb, std::int64_t priority) {
        auto place = co_await admission_.enter(memory_mb, priority);
        places_.emplace(name, std::move(place));
        in_.push_back(name);
    }

    void settle() {
        loop_.restart();
        loop_.poll();
    }

    asio::io_context loop_;
    Admission admission_{loop_.get_executor(), 100};
    std::map<int, asio::cancellation_signal> stops_;
    std::map<int, Admission::Place> places_;
    std::vector<int> in_;
};

TEST_F(AdmissionTest, who_fits_is_in_at_once_and_who_does_not_waits) {
    enter(1, 60);
    enter(2, 60);
    EXPECT_THAT(in_, ElementsAre(1));
    EXPECT_FALSE(admission_.has_room(10));  // somebody is before
    leave(1);
    EXPECT_THAT(in_, ElementsAre(1, 2));
    EXPECT_TRUE(admission_.has_room(40));
    EXPECT_FALSE(admission_.has_room(41));
}

TEST_F(AdmissionTest, the_urgent_go_first_and_nobody_overtakes_a_large_one) {
    enter(1, 100);
    enter(2, 100);
    enter(3, 10);
    enter(4, 10, 5);
    leave(1);
    EXPECT_THAT(in_, ElementsAre(1, 4));
    leave(4);
    EXPECT_THAT(in_, ElementsAre(1, 4, 2));
    leave(2);
    EXPECT_THAT(in_, ElementsAre(1, 4, 2, 3));
}

TEST_F(AdmissionTest, who_stops_waiting_lets_the_next_ones_in) {
    enter(1, 60);
    enter(2, 100);
    enter(3, 40);
    EXPECT_THAT(in_, ElementsAre(1));
    cancel(2);
    EXPECT_THAT(in_, ElementsAre(1, 3));
    leave(1);
    leave(3);
    EXPECT_TRUE(admission_.has_room(100));
}

TEST_F(AdmissionTest, who_needs_more_than_there_is_has_all) {
    enter(1, 1000);
    EXPECT_THAT(in_, ElementsAre(1));
    EXPECT_FALSE(admission_.has_room(1));
    leave(1);
    EXPECT_TRUE(admission_.has_room(1000));
}

}  // namespace
}  // namespace singularity::services::genesis
