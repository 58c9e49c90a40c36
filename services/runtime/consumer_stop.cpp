// The end of a consumer: what runs may finish, the rest is given back.
#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/log.hpp"
#include "pgclient/error.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;

awaitable<void> Consumer::wind_down() {
    stopping_ = true;
    // What may still finish keeps its claim meanwhile.
    co_await ((stop_handlers() && give_back_or_say()) || keep_claims());
    for (auto& [msg_id, message] : in_flight_)
        unstarted_.push_back(message->again ? std::move(*message->again) : std::move(message->claim));
    in_flight_.clear();
    co_await give_back_or_say();
    session_.reset();
}

awaitable<void> Consumer::stop_handlers() {
    co_await wait_for_end(Clock::now() + options_.grace);
    for (const auto& [msg_id, message] : in_flight_) {
        message->stopped = true;
        if (!message->over) message->stop.emit(asio::cancellation_type::terminal);
    }
    stop_archiving_.emit(asio::cancellation_type::terminal);
    co_await wait_for_end(Clock::time_point::max());
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

// Not repeated where it may have happened: the claims may be others' by now, and with the same read count.
// Then they run out.
awaitable<void> Consumer::give_back() {
    const std::vector<Claim> claims = std::exchange(unstarted_, {});
    std::vector<const Claim*> pointers;
    pointers.reserve(claims.size());
    for (const Claim& claim : claims) pointers.push_back(&claim);
    try {
        co_await store_.give_back(pointers);
    } catch (const pgclient::DbError& error) {
        if (!error.connection_lost()) unstarted_ = claims;
        throw;
    }
}

awaitable<void> Consumer::give_back_or_say() {
    try {
        co_await give_back();
    } catch (const pgclient::DbError& error) {
        core::log::warn("queue.not_given_back", {{"queue", options_.queue}, {"reason", error.what()}});
    }
}

}  // namespace singularity::services
