// A job that was sent, until its answer is there: its output as it comes, Ctrl-C cancels it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <string>

#include "cli/job_streams.hpp"
#include "core/config.hpp"
#include "core/error.hpp"

namespace singularity::cli {

// Waits for the answer, through restarts of the backbone; why none will come where the job is a dead letter,
// or its answer has expired. Throws DbError where the backbone is away for a minute.
boost::asio::awaitable<core::Expected<boost::json::value>> answer_to_job(const core::Config& config,
                                                                         std::string request_id);

// Passes pieces on as they are shown, until it is cancelled. Where they can't be had, none.
boost::asio::awaitable<void> show_pieces(const core::Config& config, std::string request_id,
                                         JobStreams& streams);

// What is shown by now. Throws DbError.
boost::asio::awaitable<void> pieces_so_far(const core::Config& config, std::string request_id,
                                           JobStreams& streams);

// Whether it is there to be cancelled. Throws DbError.
boost::asio::awaitable<bool> cancel_job(const core::Config& config, std::string request_id);

// The first SIGINT, SIGTERM or SIGHUP cancels the job; the second one ends
// this process. `signal` is the first one. Until it is cancelled.
boost::asio::awaitable<void> obey_signals(const core::Config& config, std::string request_id, int& signal);

}  // namespace singularity::cli
