#include "services/genesis/insights.hpp"

#include <boost/asio.hpp>

#include "core/log.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;

namespace {

// As often as CentralCloud looks for windows that are over.
constexpr auto kBetween = std::chrono::seconds(10);

// After a long pause of this service there is a day of windows at once.
constexpr std::chrono::minutes kForOneRound{5};

constexpr pgclient::Query kRefresh{"insights.refresh", "select public.refresh_insights()"};

asio::awaitable<void> draw_once(pgclient::Pool& own) {
    const auto session = co_await own.acquire();
    const auto windows = co_await session->within(kForOneRound).one<std::int64_t>(kRefresh);
    if (windows > 0) core::log::info("insights.drawn", {{"windows", windows}});
}

}  // namespace

asio::awaitable<void> draw_insights(Service& service, pgclient::Pool& own) {
    asio::steady_timer timer(service.executor());
    co_await service.repeat("insights", [&]() -> asio::awaitable<void> {
        co_await draw_once(own);
        service.health().well("insights");
        timer.expires_after(kBetween);
        co_await timer.async_wait(asio::use_awaitable);
    });
}

}  // namespace singularity::services::genesis
