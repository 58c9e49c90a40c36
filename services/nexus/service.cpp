#include "services/nexus/service.hpp"

#include <boost/asio.hpp>

#include "core/awaitable_operators.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"
#include "http/server.hpp"
#include "services/nexus/console.hpp"
#include "services/nexus/jobs.hpp"
#include "services/nexus/metrics.hpp"
#include "services/nexus/probes.hpp"
#include "services/nexus/requests.hpp"
#include "services/nexus/store.hpp"
#include "services/runtime/relay.hpp"
#include "services/runtime/service.hpp"

namespace singularity::services::nexus {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

http::Router routes(Service& service, Store& store, RequestStore& requests, RequestWaiters& waiters,
                    JobStore& jobs, JobWatchers& watchers, const JobCheck& check) {
    http::Router router;
    add_probes(router, service.health());
    add_metrics(router, store);
    add_console(router, store);
    add_requests(router, waiters, requests,
                 {.max_waiting = static_cast<std::size_t>(service.config().http_max_waiting)});
    add_jobs(router, jobs, watchers, check);
    return router;
}

http::ServerOptions server_options(const core::Config& config) {
    return {.address = config.http,
            .max_body_bytes = static_cast<std::uint64_t>(config.http_max_body_bytes),
            .idle_timeout = std::chrono::seconds(config.http_idle_seconds),
            .max_connections = static_cast<std::size_t>(config.http_max_connections)};
}

// What is committed to Nexus' outbox, or put back into it by a person, goes to the bus.
asio::awaitable<void> carry_outbox(Service& service) {
    if (!service.config().shared_queue_enabled) co_return co_await service.stay_off_the_bus();
    pgclient::Pool own(service.executor(), service.pool_options("nexus"));
    pgclient::Pool shared(service.executor(), service.pool_options("shared_queue", "nexus"));
    co_await make_relay(service, {own, service.connect_options("nexus"), own}, shared, {})->run();
}

asio::awaitable<void> serve(Service& service, const JobCheck& check) {
    Store store(service);
    RequestStore requests(
        service.executor(), service.pool_options("singularity", "console"),
        service.pool_options("shared_queue", "console"),
        {service.pool_options("genesis", "console"), service.pool_options("nexus", "console")},
        service.pool_options("singularity", "nexus"));
    RequestWaiters waiters(service.executor(), requests, service.connect_options("singularity", "console"));
    JobStore jobs(service);
    JobWatchers watchers(service.executor(), service.connect_options("genesis", "console"));
    auto server = http::Server::listen(service.executor(), server_options(service.config()),
                                       routes(service, store, requests, waiters, jobs, watchers, check));
    if (!server) throw std::runtime_error(server.error().message);
    const std::string address = (*server)->address();
    core::log::info("http.listening", {{"address", address}});
    core::notify_field("X_SINGULARITY_HTTP", address);
    core::notify_ready();
    co_await ((*server)->run() && waiters.run() && watchers.run() && carry_outbox(service) &&
              service.repeat("database", [&] { return store.check(); }));
}

}  // namespace

int run(const core::Config& config, const JobCheck& check) {
    return run_service(config, "nexus", [&check](Service& service) { return serve(service, check); });
}

}  // namespace singularity::services::nexus
