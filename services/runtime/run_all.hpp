// Coroutines that run beside each other until all have ended; when one throws, the others are cancelled.
// What operator && does for a number that is known when the program is compiled.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace singularity::services {

// Throws what the first one threw, once all have ended.
boost::asio::awaitable<void> run_all(std::vector<boost::asio::awaitable<void>> coroutines);

}  // namespace singularity::services
