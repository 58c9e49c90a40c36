#include "services/nexus/request_store.hpp"

#include <chrono>
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
constexpr pgclient::Query kOnTheBus{"requests.on_the_bus",
                                    "select wanted.id from unnest($1::text[]) as wanted (id) where exists "
                                    "(select from api.request(wanted.id))"};

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

awaitable<std::vector<std::string>> RequestStore::known(std::vector<std::string> request_ids) {
    const auto lease = co_await bus_.acquire();
    co_return co_await lease->within(kToAnswer).rows<std::string>(kOnTheBus, request_ids);
}

}  // namespace singularity::services::nexus
