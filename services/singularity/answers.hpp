// Agents that wait in this process for answers to what they asked.
//
//     const auto answer = co_await answers.wait(request_id, 30s);   // none: still waiting when time was up
//
// An answer may have been there before, may be delivered by this process, or by another of the instance:
// then channel agent_answers tells. A waiter is registered first and looked for afterwards, so nothing is
// missed; those that begin to wait while one query is on its way share the next. What was handed over
// counts as taken, and leaves the agent's inbox. Not thread-safe: one executor.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "pgclient/listener.hpp"
#include "pgclient/pool.hpp"
#include "services/runtime/service.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services::instance {

class Answers {
public:
    // `own` is the instance's database, and outlives this; `listen` reaches it, too.
    Answers(Service& service, pgclient::Pool& own, pgclient::ConnectOptions listen);
    Answers(const Answers&) = delete;

    // Hears of answers and looks for them, until cancelled. Without it nobody is woken.
    boost::asio::awaitable<void> run();

    // The first answer to the request; none where it did not come in time.
    boost::asio::awaitable<std::optional<boost::json::value>> wait(std::string request_id,
                                                                   std::chrono::milliseconds at_most);

    // This answer is in the database: whoever waits here has it at once.
    void arrived(const std::string& request_id, const boost::json::value& answer);

    std::size_t waiting() const { return waiters_.size(); }

private:
    struct Waiter;

    boost::asio::awaitable<void> hear();
    boost::asio::awaitable<void> look();
    boost::asio::awaitable<void> look_once();
    void look_for(const std::string& request_id);

    Service& service_;
    pgclient::Pool& own_;
    pgclient::Listener listener_;
    std::unordered_multimap<std::string, Waiter*> waiters_;
    std::unordered_set<std::string> to_look_for_, taken_;
    Wakeup work_;  // for look()
};

}  // namespace singularity::services::instance
