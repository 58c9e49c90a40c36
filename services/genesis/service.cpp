#include "services/genesis/service.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/notify.hpp"
#include "pgclient/error.hpp"
#include "services/genesis/boxed_runner.hpp"
#include "services/genesis/insights.hpp"
#include "services/genesis/shared_queue_consumer.hpp"
#include "services/runtime/await_queues.hpp"
#include "services/runtime/relay.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

constexpr auto kBetweenLooksAtReplicas = std::chrono::seconds(5);

struct Subscription {
    std::string subscription;
    bool enabled, running;
    std::int64_t apply_errors;
};
constexpr pgclient::Query kSubscriptions{
    "genesis.subscriptions",
    "select subscription, enabled, running, apply_errors::bigint from api.replication order by subscription"};

// Replicas that stand still are no error of a statement: they are told as what is amiss.
void judge(Health& health, const std::vector<Subscription>& subscriptions) {
    for (const Subscription& each : subscriptions) {
        if (!each.enabled) health.amiss(each.subscription, "the subscription is disabled");
        else if (!each.running) health.amiss(each.subscription, "no apply worker runs");
        else health.well(each.subscription);
    }
}

asio::awaitable<void> watch_replicas(Service& service, pgclient::Pool& own) {
    asio::steady_timer timer(service.executor());
    co_await service.repeat("database", [&]() -> asio::awaitable<void> {
        {
            const auto lease = co_await own.acquire();
            judge(service.health(), co_await lease->rows<Subscription>(kSubscriptions));
        }
        service.health().well("database");
        timer.expires_after(kBetweenLooksAtReplicas);
        co_await timer.async_wait(asio::use_awaitable);
    });
}

asio::awaitable<void> serve(Service& service) {
    pgclient::Pool own(service.executor(), service.pool_options("genesis"));
    if (!service.config().shared_queue_enabled) {
        core::notify_ready();
        co_return co_await (service.stay_off_the_bus() && watch_replicas(service, own) &&
                            draw_insights(service, own));
    }
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue", "genesis"));
    co_await await_queues(shared, {"job_requests"});
    core::notify_ready();
    const auto own_connect = service.connect_options("genesis");
    const auto outbox = make_relay(service, {own, own_connect, own}, shared, {});
    BoxedRunner boxes(service.executor(), service.config().sandbox_allow_without_cgroups);
    SharedQueueConsumer jobs(service, {shared, service.connect_options("shared_queue", "genesis"), own},
                             boxes.runner(), core::job_bounds(service.config(), core::this_machine()));
    co_await (outbox->run() && jobs.run() && watch_replicas(service, own) && draw_insights(service, own));
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "genesis", serve);
}

}  // namespace singularity::services::genesis
