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
    "select distinct on (request_id) request_id, queue, agent_id, answer::text as body, arrived_at"
    " from api.answers($1::text[]) order by request_id, arrived_at, queue"};
constexpr pgclient::Query kUnsent{"requests.unsent", "select api.unsent_requests($1::text[])"};
constexpr pgclient::Query kOnTheBus{"requests.on_the_bus", "select api.known_requests($1::text[])"};

pgclient::PoolOptions impatient(pgclient::PoolOptions options) {
    options.acquire_timeout = kToConnect;
    options.connect.connect_timeout = kToConnect;
    return options;
}

}  // namespace

RequestStore::RequestStore(const boost::asio::any_io_executor& executor, pgclient::PoolOptions instance,
                           pgclient::PoolOptions bus)
    : instance_(executor, impatient(std::move(instance))), bus_(executor, impatient(std::move(bus))) {}

awaitable<std::vector<Answer>> RequestStore::answers(std::vector<std::string> request_ids) {
    const auto lease = co_await instance_.acquire();
    co_return co_await lease->within(kToAnswer).rows<Answer>(kAnswers, request_ids);
}

// In this order: what the relay sends meanwhile is on the bus when that is asked.
awaitable<std::vector<std::string>> RequestStore::known(std::vector<std::string> request_ids) {
    auto known = co_await ids(instance_, kUnsent, request_ids);
    std::erase_if(request_ids, [&](const auto& id) { return std::ranges::contains(known, id); });
    if (request_ids.empty()) co_return known;
    std::ranges::move(co_await ids(bus_, kOnTheBus, request_ids), std::back_inserter(known));
    co_return known;
}

awaitable<std::vector<std::string>> RequestStore::ids(pgclient::Pool& database, pgclient::Query query,
                                                      const std::vector<std::string>& request_ids) {
    const auto lease = co_await database.acquire();
    co_return co_await lease->within(kToAnswer).rows<std::string>(query, request_ids);
}

}  // namespace singularity::services::nexus
