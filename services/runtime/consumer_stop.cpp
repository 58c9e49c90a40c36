// The end of a consumer: what runs may finish, the rest is given back.
#include <boost/asio.hpp>

#include "core/log.hpp"
#include "pgclient/error.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services {

namespace asio = boost::asio;
using asio::awaitable;

awaitable<void> Consumer::wind_down() {
    co_await wait_for_end(Clock::now() + options_.grace);
    for (const auto& [msg_id, message] : in_flight_) {
        message->stopped = true;
        if (!message->over) message->stop.emit(asio::cancellation_type::terminal);
    }
    stop_archiving_.emit(asio::cancellation_type::terminal);
    co_await wait_for_end(Clock::time_point::max());
    for (auto& [msg_id, message] : in_flight_) unstarted_.push_back(std::move(message->claim));
    in_flight_.clear();
    try {
        co_await give_back();
    } catch (const pgclient::DbError& error) {
        core::log::warn("queue.not_given_back", {{"queue", options_.queue}, {"reason", error.what()}});
    }
    session_.reset();
}

bool Consumer::any_unfinished() const {
    return archiving_ ||
           std::ranges::any_of(in_flight_, [](const auto& entry) { return !entry.second->over; });
}

awaitable<void> Consumer::wait_for_end(Clock::time_point until) {
    while (any_unfinished() && Clock::now() < until) {
        const auto left = std::min<Clock::duration>(until - Clock::now(), std::chrono::seconds(1));
        co_await changed_.wait(std::chrono::ceil<std::chrono::milliseconds>(left));
    }
}

awaitable<void> Consumer::give_back() {
    std::vector<const Claim*> claims;
    for (const Claim& claim : unstarted_) claims.push_back(&claim);
    co_await store_.give_back(claims);
    unstarted_.clear();
}

}  // namespace singularity::services
