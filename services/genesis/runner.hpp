// What runs jobs, as their consumer needs it: the sandbox in the service, something simple in tests.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "messages/job_request.hpp"
#include "messages/job_result.hpp"
#include "sandbox/box.hpp"

namespace singularity::services::genesis {

using ShowOutput = std::function<boost::asio::awaitable<void>(sandbox::Stream, std::string_view)>;

struct Runner {
    // The whole result but for what the queue knows. Cancelled, it ends with verdict cancelled or throws.
    // Throws SandboxError where no box could be made or kept.
    std::function<boost::asio::awaitable<messages::JobResult>(const messages::JobRequest&, ShowOutput)> run;
    // A language's own name, of an alias too: under that its jobs are counted.
    std::function<std::string(std::string_view)> language;
    // Why a job is not to be run, whatever the machine is like.
    std::function<std::optional<core::Error>(const messages::JobRequest&)> check;
    // Throws SandboxError while no box can be made.
    std::function<boost::asio::awaitable<void>()> probe;
    // Under which its program runs, what it did not say included.
    std::function<sandbox::Limits(const messages::JobRequest&)> limits;
    // What the larger of its boxes may take.
    std::function<std::int64_t(const messages::JobRequest&)> memory_mb;
};

}  // namespace singularity::services::genesis
