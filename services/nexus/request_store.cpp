#include "services/nexus/request_store.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace singularity::services::nexus {

using boost::asio::awaitable;

namespace {

// Somebody waits for what is asked here, and is better told soon that it can't be asked now.
constexpr std::chrono::seconds kToConnect{1};
constexpr std::chrono::seconds kToAnswer{10};

constexpr pgclient::Query kAnswers{
    "requests.answers",
    "select distinct on (request_id) request_id, queue, agent_id, answer::text as body, arrived_at, taken_at"
    " from api.answers($1::text[]) where expires_at > clock_timestamp() order by request_id, arrived_at, "
    "queue"};

// The first line about a request counts: what has ended before what is known.
constexpr pgclient::Query kHere{
    "requests.here",
    "select request_id, 'dead' as state, queue_name as queue, reason, attempts, died_at from "
    "api.dead_requests($1::text[])"
    " union all select e, 'expired', null, null, null, null from api.expired_requests($1::text[]) e"
    " union all select u, 'pending', null, null, null, null from api.unsent_requests($1::text[]) u"
    " order by state"};
constexpr pgclient::Query kOnTheBus{
    "requests.on_the_bus",
    "select request_id, 'dead' as state, queue_name as queue, reason, attempts, died_at from "
    "api.dead_requests($1::text[])"
    " union all select k, 'pending', null, null, null, null from api.known_requests($1::text[]) k"
    " order by state"};
constexpr pgclient::Query kDeadRequests{
    "requests.dead",
    "select request_id, 'dead' as state, queue_name as queue, reason, attempts, "
    "died_at from api.dead_requests($1::text[])"};
constexpr pgclient::Query kTake{"requests.take",
                                "select exists (select from api.take_answers(array[$1::text]))"};

pgclient::PoolOptions impatient(pgclient::PoolOptions options) {
    options.acquire_timeout = kToConnect;
    options.connect.connect_timeout = kToConnect;
    return options;
}

}  // namespace

RequestStore::RequestStore(const boost::asio::any_io_executor& executor, pgclient::PoolOptions instance,
                           pgclient::PoolOptions bus, std::vector<pgclient::PoolOptions> answering,
                           pgclient::PoolOptions taker)
    : instance_(executor, impatient(std::move(instance))),
      bus_(executor, impatient(std::move(bus))),
      taker_(executor, impatient(std::move(taker))) {
    for (pgclient::PoolOptions& each : answering)
        answering_.emplace_back(executor, impatient(std::move(each)));
}

awaitable<std::vector<Answer>> RequestStore::answers(std::vector<std::string> request_ids) {
    const auto lease = co_await instance_.acquire();
    co_return co_await lease->within(kToAnswer).rows<Answer>(kAnswers, request_ids);
}

awaitable<std::vector<Standing>> RequestStore::standings(std::vector<std::string> request_ids) {
    auto told = co_await ask_both(kHere, kOnTheBus, std::move(request_ids));
    std::vector<std::string> pending;
    for (const Standing& each : told) {
        if (each.state == "pending") pending.push_back(each.request_id);
    }
    co_return co_await with_dead_answers(std::move(told), std::move(pending));
}

awaitable<std::vector<Standing>> RequestStore::dead(std::vector<std::string> request_ids) {
    auto told = co_await ask_both(kDeadRequests, kDeadRequests, request_ids);
    co_return co_await with_dead_answers(std::move(told), std::move(request_ids));
}

// Of requests that died themselves it has been told why.
awaitable<std::vector<Standing>> RequestStore::with_dead_answers(std::vector<Standing> told,
                                                                 std::vector<std::string> request_ids) {
    const auto died = [&](const std::string& id) {
        const auto found = std::ranges::find(told, id, &Standing::request_id);
        return found != told.end() && found->state == "dead";
    };
    std::erase_if(request_ids, died);
    for (pgclient::Pool& database : answering_) {
        if (request_ids.empty()) break;
        auto dead = co_await ask(database, kDeadRequests, request_ids);
        told.insert(told.begin(), std::move_iterator(dead.begin()), std::move_iterator(dead.end()));
        std::erase_if(request_ids, died);
    }
    co_return told;
}

// In this order: what the relay sends meanwhile is on the bus when that is asked.
awaitable<std::vector<Standing>> RequestStore::ask_both(pgclient::Query here, pgclient::Query on_the_bus,
                                                        std::vector<std::string> request_ids) {
    auto told = co_await ask(instance_, here, request_ids);
    std::erase_if(request_ids,
                  [&](const auto& id) { return std::ranges::contains(told, id, &Standing::request_id); });
    if (request_ids.empty()) co_return told;
    std::ranges::move(co_await ask(bus_, on_the_bus, request_ids), std::back_inserter(told));
    co_return told;
}

awaitable<bool> RequestStore::take(std::string request_id) {
    const auto lease = co_await taker_.acquire();
    co_return co_await lease->within(kToAnswer).one<bool>(kTake, request_id);
}

awaitable<std::vector<Standing>> RequestStore::ask(pgclient::Pool& database, pgclient::Query query,
                                                   const std::vector<std::string>& request_ids) {
    const auto lease = co_await database.acquire();
    co_return co_await lease->within(kToAnswer).rows<Standing>(query, request_ids);
}

}  // namespace singularity::services::nexus
