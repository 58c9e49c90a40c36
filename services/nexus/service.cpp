#include "services/nexus/service.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "core/log.hpp"
#include "core/notify.hpp"
#include "http/server.hpp"
#include "services/nexus/console.hpp"
#include "services/nexus/metrics.hpp"
#include "services/nexus/probes.hpp"
#include "services/nexus/requests.hpp"
#include "services/nexus/store.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::nexus {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

http::Router routes(Store& store, RequestWaiters& waiters, const Health& health) {
    http::Router router;
    add_probes(router, health);
    add_metrics(router, store);
    add_console(router, store);
    add_requests(router, waiters);
    return router;
}

asio::awaitable<void> serve(Service& service) {
    Store store(service);
    RequestStore requests(service.executor(), service.pool_options("singularity", "console"),
                          service.pool_options("shared_queue", "console"));
    RequestWaiters waiters(service.executor(), requests, service.connect_options("singularity", "console"));
    auto server = http::Server::listen(service.executor(), {.address = service.config().http},
                                       routes(store, waiters, service.health()));
    if (!server) throw std::runtime_error(server.error().message);
    const std::string address = (*server)->address();
    core::log::info("http.listening", {{"address", address}});
    core::notify_field("X_SINGULARITY_HTTP", address);
    core::notify_ready();
    co_await ((*server)->run() && waiters.run() && service.repeat("database", [&] { return store.check(); }));
}

}  // namespace

int run(const core::Config& config) {
    return run_service(config, "nexus", serve);
}

}  // namespace singularity::services::nexus
