#include "services/centralcloud/update_consumer.hpp"

#include <boost/asio.hpp>

#include "services/runtime/batch_handler.hpp"

namespace singularity::services::centralcloud {

namespace {

constexpr pgclient::Query kAcceptUpdates{
    "instance_update.accept",
    "select count(public.accept_instance_update(message)) from unnest($1::jsonb[]) message"};

// Whole, with the fields that CentralCloudUpdate does not know.
pgclient::Task<void> accept(std::span<const boost::json::object> updates, pgclient::Connection& hub) {
    const std::vector<boost::json::value> bodies(updates.begin(), updates.end());
    co_await hub.exec(kAcceptUpdates, bodies);
}

}  // namespace

Handler accept_updates(pgclient::Pool& hub, std::size_t most) {
    return batch_handler<boost::json::object>(hub, most, accept);
}

}  // namespace singularity::services::centralcloud
