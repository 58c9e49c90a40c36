#include "services/singularity/answers.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"

namespace singularity::services::instance {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;

namespace {

constexpr std::chrono::hours kUntilWork{1};

constexpr pgclient::Query kAnswers{"answers.find",
                                   "select distinct on (request_id) request_id, answer from public.answers"
                                   " where request_id = any ($1::text[]) and expires_at > clock_timestamp()"
                                   " order by request_id, arrived_at, queue"};
// Need not wait for the disk: what a crash puts back into an inbox is an answer too many, not one too few.
constexpr pgclient::Query kTake{
    "answers.take",
    "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
    " select public.take_answers($1::text[]) from hurry"};

struct Found {
    std::string request_id;
    boost::json::value answer;
};

std::vector<std::string> moved_out(std::unordered_set<std::string>& set) {
    std::vector<std::string> ids(set.begin(), set.end());
    set.clear();
    return ids;
}

}  // namespace

// In the map for as long as it lives.
struct Answers::Waiter {
    Waiter(Answers& all, const std::string& request_id)
        : all_(all), timer(all.service_.executor()), place_(all.waiters_.emplace(request_id, this)) {}
    ~Waiter() {
        if (!answer) all_.waiters_.erase(place_);
    }
    Waiter(const Waiter&) = delete;

    Answers& all_;
    asio::steady_timer timer;
    std::optional<boost::json::value> answer;  // once it is there, this is no longer in the map
    std::unordered_multimap<std::string, Waiter*>::iterator place_;
};

Answers::Answers(Service& service, pgclient::Pool& own, pgclient::ConnectOptions listen)
    : service_(service),
      own_(own),
      listener_(std::move(listen), {"agent_answers"}),
      work_(service.executor()) {}

awaitable<void> Answers::run() {
    co_await (hear() && look());
}

awaitable<void> Answers::hear() {
    for (;;) {
        const pgclient::Notification note = co_await listener_.next();
        if (!note.resync) {
            look_for(note.payload);
            continue;
        }
        for (const auto& [request_id, waiter] : waiters_) to_look_for_.insert(request_id);
        work_.notify();
    }
}

void Answers::look_for(const std::string& request_id) {
    if (!waiters_.contains(request_id)) return;
    to_look_for_.insert(request_id);
    work_.notify();
}

awaitable<void> Answers::look() {
    for (;;) {
        if (to_look_for_.empty() && taken_.empty()) co_await work_.wait(kUntilWork);
        co_await service_.attempt("answers", [this] { return look_once(); });
    }
}

// Ids that a failed attempt has taken out are put back.
awaitable<void> Answers::look_once() {
    const std::vector<std::string> wanted = moved_out(to_look_for_);
    const std::vector<std::string> taken = moved_out(taken_);
    try {
        const auto session = co_await own_.acquire();
        if (!wanted.empty()) {
            for (const Found& found : co_await session->rows<Found>(kAnswers, wanted)) {
                arrived(found.request_id, found.answer);
            }
        }
        if (!taken.empty()) co_await session->exec(kTake, taken);
    } catch (...) {
        to_look_for_.insert(wanted.begin(), wanted.end());
        taken_.insert(taken.begin(), taken.end());
        throw;
    }
}

awaitable<std::optional<boost::json::value>> Answers::wait(std::string request_id,
                                                           std::chrono::milliseconds at_most) {
    Waiter waiter(*this, request_id);
    look_for(request_id);
    waiter.timer.expires_after(at_most);
    co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return std::move(waiter.answer);
}

void Answers::arrived(const std::string& request_id, const boost::json::value& answer) {
    const auto [first, last] = waiters_.equal_range(request_id);
    if (first == last) return;
    for (auto place = first; place != last; place = waiters_.erase(place)) {
        place->second->answer = answer;
        place->second->timer.cancel();
    }
    taken_.insert(request_id);
    work_.notify();
}

}  // namespace singularity::services::instance
