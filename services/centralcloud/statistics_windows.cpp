#include "services/centralcloud/statistics_windows.hpp"

#include <boost/asio.hpp>

#include "core/log.hpp"

namespace singularity::services::centralcloud {

namespace asio = boost::asio;

namespace {

constexpr auto kBetween = std::chrono::seconds(10);

// When the oldest message was sent that nobody has read; now, if all have been. One that fails again and
// again is late.
constexpr pgclient::Query kConsumedUntil{
    "statistics_windows.consumed_until",
    "select coalesce((select min(enqueued_at) from (select enqueued_at from "
    "pgmq.q_performance_stats_published"
    "  where read_ct = 0 order by msg_id limit 1) oldest), clock_timestamp())"};
constexpr pgclient::Query kNote{"statistics_windows.note", "select public.note_consumed($1)"};
constexpr pgclient::Query kPublish{"statistics_windows.publish", "select public.publish_execution_metrics()"};

asio::awaitable<pgclient::Timestamp> consumed_until(pgclient::Pool& shared) {
    const auto session = co_await shared.acquire();
    co_return co_await session->one<pgclient::Timestamp>(kConsumedUntil);
}

asio::awaitable<void> close_once(pgclient::Pool& shared, pgclient::Pool& hub) {
    const pgclient::Timestamp until = co_await consumed_until(shared);
    const auto session = co_await hub.acquire();
    co_await session->exec(kNote, until);
    const auto published = co_await session->within(std::chrono::minutes(5)).one<std::int64_t>(kPublish);
    if (published > 0) core::log::info("statistics.published", {{"windows", published}});
}

}  // namespace

asio::awaitable<void> close_windows(Service& service, pgclient::Pool& shared, pgclient::Pool& hub) {
    asio::steady_timer timer(service.executor());
    co_await service.repeat("statistics", [&]() -> asio::awaitable<void> {
        co_await close_once(shared, hub);
        service.health().well("statistics");
        timer.expires_after(kBetween);
        co_await timer.async_wait(asio::use_awaitable);
    });
}

}  // namespace singularity::services::centralcloud
