#include "services/singularity/service.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "core/notify.hpp"
#include "services/runtime/service.hpp"
#include "services/singularity/relay.hpp"

namespace singularity::services::instance {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

asio::awaitable<void> serve(Service& service) {
    pgclient::Pool own(service.executor(), service.pool_options("singularity"));
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue", "singularity"));
    Relay patterns(
        service, own, shared,
        {.local_queue = "centralcloud-new-patterns", .shared_queue = "pattern_discoveries_published"});
    core::notify_ready();
    co_await (patterns.listen() && service.repeat("relay", [&] { return patterns.forward(); }));
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "singularity", serve);
}

}  // namespace singularity::services::instance
