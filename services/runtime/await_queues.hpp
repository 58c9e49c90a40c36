// Waiting for the queues of the bus. CentralCloud makes them when a backbone comes up for the first time,
// beside the services that consume them: until then these are starting, and nothing is amiss.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pgclient/pool.hpp"

namespace singularity::services {

// Until all are there. Not longer than `at_most`, nor where the bus can't be asked: then their consumers
// tell.
boost::asio::awaitable<void> await_queues(pgclient::Pool& bus, std::vector<std::string> queues,
                                          std::chrono::milliseconds at_most = std::chrono::seconds{10});

}  // namespace singularity::services
