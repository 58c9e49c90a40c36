// Runs one coroutine for a command, from start to end, and turns what breaks into the command's answer.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>

#include "cli/context.hpp"

namespace singularity::cli {

// Blocks. A database that can't be reached is exit code 3 and a sentence that says how to start it;
// what the server refuses is exit code 1 with its message.
void run_on_database(Context& context, std::function<boost::asio::awaitable<void>()> work);

}  // namespace singularity::cli
