#include "services/centralcloud/service.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "core/notify.hpp"
#include "services/centralcloud/pattern_learning_consumer.hpp"
#include "services/centralcloud/shared_queue_manager.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::centralcloud {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

asio::awaitable<void> serve(Service& service) {
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue"));
    pgclient::Pool own(service.executor(), service.pool_options("centralcloud"));
    co_await ensure_queues(service, shared);
    PatternLearningConsumer patterns(service, shared, own);
    core::notify_ready();
    co_await (patterns.listen() && service.repeat("patterns", [&] { return patterns.consume(); }));
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "centralcloud", serve);
}

}  // namespace singularity::services::centralcloud
