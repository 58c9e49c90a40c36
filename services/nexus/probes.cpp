#include "services/nexus/probes.hpp"

#include <boost/asio.hpp>
#include <boost/json.hpp>

namespace singularity::services::nexus {

void add_probes(http::Router& router, const Health& health) {
    router.add("GET", "/healthz", [](const http::Request&) -> boost::asio::awaitable<http::Response> {
        co_return http::Response::text("ok\n");
    });
    router.add("GET", "/readyz", [&health](const http::Request&) -> boost::asio::awaitable<http::Response> {
        boost::json::object reasons;
        for (const auto& [part, reason] : health.reasons()) reasons[part] = reason;
        co_return http::Response::json({{"ready", health.healthy()}, {"reasons", reasons}},
                                       health.healthy() ? 200 : 503);
    });
}

}  // namespace singularity::services::nexus
