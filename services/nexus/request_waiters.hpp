// Who waits for the answer to a request, thousands at a time, on one connection that listens.
//
//     looked_for ──▶ answered, expired, dead, unknown, unavailable
//         │
//         └──▶ pending ──▶ answered, dead
//
// A waiter is registered first, then looked for, and then it waits: whatever is delivered in between rings on
// channel agent_answers. What begins to wait while a query is on its way shares the next one; when the
// listening connection was lost and is there again, all that wait are looked for in one query. Deaths ring
// nowhere: the dead among those that wait are asked for now and then. Not thread-safe: one executor.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pgclient/listener.hpp"
#include "services/nexus/request_store.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services::nexus {

enum class RequestState {
    looked_for,
    pending,  // known, not answered
    answered,
    expired,      // it had an answer
    dead,         // it, or its answer, is a dead letter
    unknown,      // to the instance and to the bus
    unavailable,  // it could not be looked for
};

class RequestWaiters {
public:
    class Waiter;

    // `store` outlives it; `listen` reaches the instance's database.
    RequestWaiters(const boost::asio::any_io_executor& executor, RequestStore& store,
                   pgclient::ConnectOptions listen,
                   std::chrono::milliseconds between_deaths = std::chrono::seconds{5});

    // Hears of answers and looks for them, until cancelled. Without it nobody is woken.
    boost::asio::awaitable<void> run();

    // Why an answer may be there that nobody here has heard of; empty while all is well.
    const std::string& trouble() const;

    std::size_t size() const { return waiters_.size(); }

private:
    using Waiters = std::multimap<std::string, Waiter*, std::less<>>;

    boost::asio::awaitable<void> hear();
    boost::asio::awaitable<void> look();
    boost::asio::awaitable<void> look_once();
    boost::asio::awaitable<void> look_for_deaths();
    boost::asio::awaitable<void> look_for_answers(const std::vector<std::string>& ids, std::uint64_t round);
    boost::asio::awaitable<void> look_whether_known(std::vector<std::string> ids, std::uint64_t round);
    std::vector<std::string> pending() const;
    void bury(const Standing& dead);
    void want(std::string_view request_id);
    void answer(Answer answer);
    void settle(const std::string& request_id, std::uint64_t round, RequestState state,
                const std::shared_ptr<const Standing>& standing = {});
    bool has_waiter(const std::string& request_id, RequestState state) const;

    boost::asio::any_io_executor executor_;
    RequestStore& store_;
    pgclient::Listener listener_;
    std::chrono::milliseconds between_deaths_;
    Wakeup work_;
    Waiters waiters_;
    std::set<std::string, std::less<>> wanted_;  // request ids to look for
    std::uint64_t round_ = 0;                    // of the next look
    std::string trouble_;                        // of the last look
};

// Registered for as long as it lives.
class RequestWaiters::Waiter {
public:
    Waiter(RequestWaiters& waiters, const std::string& request_id);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    RequestState state() const { return state_; }
    const std::string& request_id() const { return place_->first; }
    const Answer& answer() const { return *answer_; }        // once it is answered
    const Standing& standing() const { return *standing_; }  // once it is dead

    // Until the state is another, or time is up. One caller at a time.
    boost::asio::awaitable<void> while_state(RequestState state, std::chrono::steady_clock::time_point until);

private:
    friend class RequestWaiters;
    void become(RequestState state, std::shared_ptr<const Standing> standing = {});

    RequestWaiters& waiters_;
    boost::asio::steady_timer changed_;
    Waiters::iterator place_;
    std::shared_ptr<const Answer> answer_;  // shared by all who wait for it
    std::shared_ptr<const Standing> standing_;
    std::uint64_t round_;  // the first look that counts for it
    RequestState state_ = RequestState::looked_for;
};

}  // namespace singularity::services::nexus
