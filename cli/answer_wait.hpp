// Waiting in a shell for the answer to a request, over a restart of the server too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/connect.hpp"

namespace singularity::cli {

class AnswerWait {
public:
    // Without a session it makes one, and is as patient as later.
    AnswerWait(const core::Config& config, std::string request_id,
               std::unique_ptr<pgclient::Connection> session = nullptr)
        : config_(config), request_id_(std::move(request_id)), session_(std::move(session)) {}

    // The answer, which the agent then has taken; nothing where none came in that time, or the server was
    // away. Throws DbError where it is away for more than a minute.
    boost::asio::awaitable<std::optional<boost::json::value>> within(std::chrono::duration<double> limit);

private:
    using Clock = std::chrono::steady_clock;

    const core::Config& config_;
    std::string request_id_;
    std::unique_ptr<pgclient::Connection> session_;
    Clock::time_point heard_of_ = Clock::now();
};

}  // namespace singularity::cli
