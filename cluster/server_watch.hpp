// Tells the supervisor how the server is: PostgreSQL does not notify, it is asked.
//
// A server is ready when its pid file says so and a SELECT works. A ready one is asked twice a second:
// one that reinitialises itself after a backend's crash does not answer for a moment while its process
// lives on, and is shown as recovering.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>

#include "cluster/part.hpp"

namespace singularity::cluster {

// Whether a SELECT works at present; the error says what the server answered.
using Probe = std::function<boost::asio::awaitable<core::Expected<void>>()>;

// Never returns; ends with its executor.
boost::asio::awaitable<void> watch_server(Part& server, std::filesystem::path data, Probe probe);

}  // namespace singularity::cluster
