#include "services/centralcloud/pattern_learning_consumer.hpp"

#include <boost/asio.hpp>

namespace singularity::services::centralcloud {

namespace {

constexpr pgclient::Query kAcceptPatterns{"pattern_learning.accept",
                                          "select public.accept_pattern_discovery($1::jsonb)"};

}  // namespace

// Whole, with the fields that PatternDiscovery does not know.
Handler accept_patterns(pgclient::Pool& hub) {
    return [&hub](Delivery& delivery) -> pgclient::Task<Outcome> {
        const auto session = co_await hub.acquire();
        co_await session->exec(kAcceptPatterns, boost::json::value(delivery.body()));
        co_return Outcome{};
    };
}

}  // namespace singularity::services::centralcloud
