#include "services/centralcloud/service.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "services/centralcloud/pattern_learning_consumer.hpp"
#include "services/centralcloud/performance_stats_consumer.hpp"
#include "services/centralcloud/shared_queue_manager.hpp"
#include "services/centralcloud/statistics_windows.hpp"
#include "services/centralcloud/update_consumer.hpp"
#include "services/runtime/consumer.hpp"

namespace singularity::services::centralcloud {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

// What is accepted is unique in the hub's own tables.
ConsumerOptions options(const Service& service, std::string queue) {
    ConsumerOptions options = consumer_options(service.config(), std::move(queue));
    options.once = Once::by_handler;
    return options;
}

asio::awaitable<void> serve(Service& service) {
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue"));
    pgclient::Pool own(service.executor(), service.pool_options("centralcloud"));
    co_await ensure_queues(service, shared);
    if (!service.config().shared_queue_enabled) co_return co_await service.stay_off_the_bus();
    const Bus bus{shared, service.connect_options("shared_queue"), own};
    Consumer patterns(service, bus, options(service, "pattern_discoveries_published"), accept_patterns(own));
    const ConsumerOptions of_updates = batch_options(service.config(), "centralcloud_updates");
    Consumer updates(service, bus, of_updates, accept_updates(own, of_updates.batch));
    const ConsumerOptions of_stats = batch_options(service.config(), "performance_stats_published");
    Consumer stats(service, bus, of_stats, accept_statistics(own, of_stats.batch));
    co_await (patterns.run() && updates.run() && stats.run() && close_windows(service, shared, own));
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "centralcloud", serve);
}

}  // namespace singularity::services::centralcloud
