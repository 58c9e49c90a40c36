// What a job writes, kept while it is passed on.
#pragma once

#include <functional>
#include <string>

#include "sandbox/box.hpp"

namespace singularity::services::genesis {

using OutputSink = std::function<boost::asio::awaitable<void>(sandbox::Stream, std::string_view)>;

// Must outlive the run whose streams it gave.
struct JobOutput {
    std::string out{}, err{};

    // `sink` may be empty.
    sandbox::Streams streams(std::string input, OutputSink sink);
};

// Of a compiler: both streams as they came.
struct CompilerOutput {
    std::string text{};

    sandbox::Streams streams();
};

}  // namespace singularity::services::genesis
