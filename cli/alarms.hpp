// What is not well on the bus, as `status` tells it.
#pragma once

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <vector>

#include "core/config.hpp"

namespace singularity::cli {

struct Alarm {
    std::string name, queue, measure;
    double value = 0, above = 0;
};

struct BusState {
    std::vector<Alarm> alarms;
    std::vector<std::string> paused;  // queues
};

// As role console. Blocks for at most a few seconds; none where the bus can't be asked.
std::optional<BusState> bus_now(const core::Config& config);

boost::json::array to_json(const std::vector<Alarm>& alarms);
std::string to_line(const Alarm& alarm);

}  // namespace singularity::cli
