#include "services/centralcloud/shared_queue_manager.hpp"

#include <boost/asio.hpp>
#include <boost/json/object.hpp>

#include "core/job_bounds.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"
#include "pgclient/error.hpp"

namespace singularity::services::centralcloud {

namespace asio = boost::asio;

namespace {

constexpr pgclient::Query kSetRetention{"shared_queue_manager.set_retention",
                                        "select public.set_retention($1::integer, $2::jsonb)"};
constexpr pgclient::Query kSetBound{"shared_queue_manager.set_bound",
                                    "select public.set_group_bound('job_requests', $1::integer)"};
constexpr pgclient::Query kEnsureQueues{"shared_queue_manager.ensure", "select public.ensure_queues()"};
constexpr pgclient::Query kMissingQueues{"shared_queue_manager.missing", "select public.missing_queues()"};

boost::json::value retention_days(const core::Config& config) {
    boost::json::object days;
    for (const auto& [name, queue] : config.queues) {
        if (queue.retention_days) days[name] = *queue.retention_days;
    }
    return days;
}

asio::awaitable<void> make_queues(const core::Config& config, pgclient::Pool& shared) {
    const auto session = co_await shared.acquire();
    co_await session->exec(kSetRetention, static_cast<std::int32_t>(config.shared_queue_retention_days),
                           retention_days(config));
    co_await session->exec(
        kSetBound, static_cast<std::int32_t>(core::job_bounds(config, core::this_machine()).per_agent));
    for (const auto& queue : co_await session->rows<std::string>(kEnsureQueues)) {
        core::log::info("shared_queue.created", {{"queue", queue}});
    }
}

// Throws where one is missing, so that it is amiss and looked for again.
asio::awaitable<void> find_queues(const core::Config&, pgclient::Pool& shared) {
    const auto session = co_await shared.acquire();
    std::string names;
    for (const auto& queue : co_await session->rows<std::string>(kMissingQueues)) {
        names += (names.empty() ? "" : ", ") + queue;
    }
    if (names.empty()) co_return;
    throw pgclient::DbError(
        {.message = "shared_queue.auto_initialize is false and these queues are missing: " + names});
}

}  // namespace

asio::awaitable<void> ensure_queues(Service& service, pgclient::Pool& shared) {
    if (!service.config().shared_queue_enabled) co_return core::notify_ready();
    const auto round = service.config().shared_queue_auto_initialize ? &make_queues : &find_queues;
    bool told = false;
    co_await service.attempt("shared_queue", [&]() -> asio::awaitable<void> {
        try {
            co_await round(service.config(), shared);
        } catch (const pgclient::DbError&) {
            if (!std::exchange(told, true)) core::notify_ready();
            throw;
        }
    });
    if (!told) core::notify_ready();
}

}  // namespace singularity::services::centralcloud
