#include "services/singularity/centralcloud_update_worker.hpp"

#include <boost/asio.hpp>

#include "core/clock.hpp"
#include "messages/json_mapping.hpp"

namespace singularity::services::instance {

namespace {

constexpr pgclient::Query kQueueUpdate{"centralcloud_update.queue",
                                       "select public.put_in_outbox($1::text, $2::jsonb)"};

}  // namespace

pgclient::Task<core::Expected<std::int64_t>> queue_centralcloud_update(pgclient::Connection& own,
                                                                       messages::CentralCloudUpdate update,
                                                                       messages::Defaults defaults) {
    if (update.event_type.empty()) update.event_type = "knowledge_update";
    if (!update.timestamp) update.timestamp = core::rfc3339(core::now());
    const std::string queue(messages::CentralCloudUpdate::kQueue);
    auto body = messages::complete(queue, messages::to_json(update), defaults);
    if (!body) co_return std::unexpected(std::move(body.error()));
    co_return co_await own.one<std::int64_t>(kQueueUpdate, queue, boost::json::value(std::move(*body)));
}

}  // namespace singularity::services::instance
