#include "services/nexus/request_waiters.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/awaitable_operators.hpp"
#include "core/log.hpp"
#include "pgclient/error.hpp"

namespace singularity::services::nexus {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;

namespace {

constexpr char kChannel[] = "agent_answers";
constexpr std::chrono::seconds kBetweenFailures{1};
constexpr std::chrono::hours kUntilWoken{1};

RequestState state_of(const Standing& standing) {
    if (standing.state == "dead") return RequestState::dead;
    return standing.state == "expired" ? RequestState::expired : RequestState::pending;
}

}  // namespace

RequestWaiters::RequestWaiters(const asio::any_io_executor& executor, RequestStore& store,
                               pgclient::ConnectOptions listen, std::chrono::milliseconds between_deaths)
    : executor_(executor),
      store_(store),
      listener_(std::move(listen), {kChannel}),
      between_deaths_(between_deaths),
      work_(executor) {}

awaitable<void> RequestWaiters::run() {
    co_await (hear() && look() && look_for_deaths());
}

const std::string& RequestWaiters::trouble() const {
    return listener_.trouble().empty() ? trouble_ : listener_.trouble();
}

awaitable<void> RequestWaiters::hear() {
    for (;;) {
        const pgclient::Notification note = co_await listener_.next();
        if (!note.resync) {
            if (waiters_.contains(note.payload)) want(note.payload);
            continue;
        }
        for (const auto& [request_id, waiter] : waiters_) want(request_id);
    }
}

awaitable<void> RequestWaiters::look() {
    for (;;) {
        std::string failure;
        try {
            if (!wanted_.empty()) co_await look_once();
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
            failure = error.what();
        }
        if (!failure.empty() && trouble_.empty())
            core::log::warn("requests.look_failed", {{"reason", failure}});
        trouble_ = failure;
        if (!failure.empty()) co_await work_.wait(kBetweenFailures);
        else if (wanted_.empty()) co_await work_.wait(kUntilWoken);
    }
}

awaitable<void> RequestWaiters::look_once() {
    const std::uint64_t round = round_++;
    std::vector<std::string> ids;
    for (const std::string& id : std::exchange(wanted_, {})) {
        if (waiters_.contains(id)) ids.push_back(id);
    }
    if (ids.empty()) co_return;
    co_await look_for_answers(ids, round);
    std::erase_if(ids, [&](const auto& id) { return !has_waiter(id, RequestState::looked_for); });
    if (!ids.empty()) co_await look_whether_known(std::move(ids), round);
}

// A failed look is had again, for those who still wait then.
awaitable<void> RequestWaiters::look_for_answers(const std::vector<std::string>& ids, std::uint64_t round) {
    try {
        for (Answer& found : co_await store_.answers(ids)) answer(std::move(found));
    } catch (const pgclient::DbError&) {
        for (const std::string& id : ids) {
            settle(id, round, RequestState::unavailable);
            if (has_waiter(id, RequestState::pending)) wanted_.insert(id);
        }
        throw;
    }
}

awaitable<void> RequestWaiters::look_whether_known(std::vector<std::string> ids, std::uint64_t round) {
    try {
        for (Standing& standing : co_await store_.standings(ids)) {
            const auto shared = std::make_shared<const Standing>(std::move(standing));
            settle(shared->request_id, round, state_of(*shared), shared);
        }
    } catch (const pgclient::DbError&) {
        for (const std::string& id : ids) settle(id, round, RequestState::unavailable);
        throw;
    }
    for (const std::string& id : ids) settle(id, round, RequestState::unknown);
}

// Whoever is told nothing of a failed look waits for the next one, as after any that found nothing.
awaitable<void> RequestWaiters::look_for_deaths() {
    asio::steady_timer timer(executor_);
    for (;;) {
        timer.expires_after(between_deaths_);
        co_await timer.async_wait(asio::use_awaitable);
        std::vector<std::string> ids = pending();
        if (ids.empty()) continue;
        try {
            for (const Standing& dead : co_await store_.dead(std::move(ids))) bury(dead);
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
            core::log::debug("requests.deaths_unknown", {{"reason", error.what()}});
        }
    }
}

std::vector<std::string> RequestWaiters::pending() const {
    std::vector<std::string> ids;
    for (auto each = waiters_.begin(); each != waiters_.end(); each = waiters_.upper_bound(each->first)) {
        if (has_waiter(each->first, RequestState::pending)) ids.push_back(each->first);
    }
    return ids;
}

void RequestWaiters::bury(const Standing& dead) {
    const auto shared = std::make_shared<const Standing>(dead);
    const auto [first, last] = waiters_.equal_range(dead.request_id);
    for (Waiter* waiter : std::ranges::subrange(first, last) | std::views::values) {
        if (waiter->state_ == RequestState::pending) waiter->become(RequestState::dead, shared);
    }
}

void RequestWaiters::want(std::string_view request_id) {
    wanted_.emplace(request_id);
    work_.notify();
}

void RequestWaiters::answer(Answer answer) {
    const auto shared = std::make_shared<const Answer>(std::move(answer));
    const auto [first, last] = waiters_.equal_range(shared->request_id);
    for (Waiter* waiter : std::ranges::subrange(first, last) | std::views::values) {
        waiter->answer_ = shared;
        waiter->become(RequestState::answered);
    }
}

// For those who had their first look in this round: who came later may not be told what was so before.
void RequestWaiters::settle(const std::string& request_id, std::uint64_t round, RequestState state,
                            const std::shared_ptr<const Standing>& standing) {
    const auto [first, last] = waiters_.equal_range(request_id);
    for (Waiter* waiter : std::ranges::subrange(first, last) | std::views::values) {
        if (waiter->state_ == RequestState::looked_for && waiter->round_ <= round)
            waiter->become(state, standing);
    }
}

bool RequestWaiters::has_waiter(const std::string& request_id, RequestState state) const {
    const auto [first, last] = waiters_.equal_range(request_id);
    return std::ranges::any_of(std::ranges::subrange(first, last) | std::views::values,
                               [state](const Waiter* waiter) { return waiter->state_ == state; });
}

RequestWaiters::Waiter::Waiter(RequestWaiters& waiters, const std::string& request_id)
    : waiters_(waiters),
      changed_(waiters.executor_),
      place_(waiters.waiters_.emplace(request_id, this)),
      round_(waiters.round_) {
    waiters.want(request_id);
}

RequestWaiters::Waiter::~Waiter() {
    waiters_.waiters_.erase(place_);
}

awaitable<void> RequestWaiters::Waiter::while_state(RequestState state,
                                                    std::chrono::steady_clock::time_point until) {
    changed_.expires_at(until);
    if (state_ == state) co_await changed_.async_wait(asio::as_tuple);
}

void RequestWaiters::Waiter::become(RequestState state, std::shared_ptr<const Standing> standing) {
    state_ = state;
    standing_ = std::move(standing);
    changed_.cancel();
}

}  // namespace singularity::services::nexus
