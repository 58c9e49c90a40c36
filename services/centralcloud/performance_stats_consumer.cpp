#include "services/centralcloud/performance_stats_consumer.hpp"

#include <boost/asio.hpp>

#include "services/runtime/gathering.hpp"

namespace singularity::services::centralcloud {

namespace {

using pgclient::Task;

struct Accepted {
    std::int32_t place;  // from 1
    std::string outcome;
    std::optional<std::string> reason;
};
constexpr pgclient::Query kAcceptStatistics{
    "performance_stats.accept",
    "select place, outcome, reason from public.accept_performance_stats($1::jsonb[])"};

struct Statistic {
    boost::json::value body;
    std::optional<std::string> refusal = {};
};

Task<void> accept(pgclient::Pool& hub, const std::vector<Statistic*>& statistics) {
    std::vector<boost::json::value> bodies;
    bodies.reserve(statistics.size());
    for (const Statistic* statistic : statistics) bodies.push_back(statistic->body);
    const auto session = co_await hub.acquire();
    for (const Accepted& each : co_await session->rows<Accepted>(kAcceptStatistics, bodies)) {
        if (each.outcome == "refused")
            statistics[static_cast<std::size_t>(each.place) - 1]->refusal = each.reason;
    }
}

}  // namespace

Handler accept_statistics(pgclient::Pool& hub, std::size_t most) {
    const auto gathered = std::make_shared<Gathering<Statistic>>(
        most, [&hub](const std::vector<Statistic*>& statistics) { return accept(hub, statistics); });
    return [gathered](Delivery& delivery) -> Task<Outcome> {
        const Statistic stored = co_await gathered->add(Statistic{delivery.body()});
        if (stored.refusal) throw Refused(*stored.refusal);
        co_return Outcome{};
    };
}

}  // namespace singularity::services::centralcloud
