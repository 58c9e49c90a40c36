#include "cli/alarms.hpp"

#include <boost/asio.hpp>

#include "cluster/url.hpp"
#include "core/format.hpp"
#include "pgclient/connection.hpp"

namespace singularity::cli {

namespace {

constexpr std::chrono::seconds kPatience{2};

constexpr pgclient::Query kAlarms{"status.alarms",
                                  "select name, queue_name as queue, measure, value::double precision,"
                                  " above::double precision from api.alarms order by name, queue_name"};

constexpr pgclient::Query kPaused{"status.paused", "select api.paused_queues()"};

boost::asio::awaitable<BusState> ask(std::string dsn) {
    const auto session = co_await pgclient::Connection::open({.dsn = std::move(dsn),
                                                              .application_name = "singularity cli",
                                                              .connect_timeout = kPatience,
                                                              .deadline = kPatience});
    auto alarms = co_await session->rows<Alarm>(kAlarms);
    auto paused = co_await session->rows<std::string>(kPaused);
    co_return BusState{std::move(alarms), std::move(paused)};
}

}  // namespace

std::optional<BusState> bus_now(const core::Config& config) {
    const auto dsn = cluster::database_url(config, "shared_queue", "console");
    if (!dsn) return {};
    boost::asio::io_context loop(1);
    auto state = boost::asio::co_spawn(loop, ask(*dsn), boost::asio::use_future);
    loop.run();
    try {
        return state.get();
    } catch (const pgclient::DbError&) {
        return {};
    }
}

boost::json::array to_json(const std::vector<Alarm>& alarms) {
    boost::json::array array;
    for (const Alarm& alarm : alarms) {
        array.push_back({{"name", alarm.name},
                         {"queue", alarm.queue},
                         {"measure", alarm.measure},
                         {"value", alarm.value},
                         {"above", alarm.above}});
    }
    return array;
}

std::string to_line(const Alarm& alarm) {
    return core::format("{}: {} has {} {}, above {}", alarm.name, alarm.queue, alarm.measure, alarm.value,
                        alarm.above);
}

}  // namespace singularity::cli
