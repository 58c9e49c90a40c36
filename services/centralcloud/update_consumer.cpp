#include "services/centralcloud/update_consumer.hpp"

#include <boost/asio.hpp>

namespace singularity::services::centralcloud {

namespace {

constexpr pgclient::Query kAccept{"instance_update.accept",
                                  "select public.accept_instance_update($1::jsonb)"};

}  // namespace

// Whole, with the fields that CentralCloudUpdate does not know.
Handler accept_updates(pgclient::Pool& hub) {
    return [&hub](Delivery& delivery) -> pgclient::Task<Outcome> {
        const auto session = co_await hub.acquire();
        co_await session->exec(kAccept, boost::json::value(delivery.body()));
        co_return Outcome{};
    };
}

}  // namespace singularity::services::centralcloud
