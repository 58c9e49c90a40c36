// One service process from start to stop.
//
// run_service() makes the executor, runs the service's main coroutine on it, and cancels that when
// SIGTERM or SIGINT comes: a coroutine ends at its next wait, an open transaction is rolled back, and
// what it had claimed becomes visible again. Effects are committed before messages are archived, so
// stopping anywhere loses nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "core/config.hpp"
#include "pgclient/pool.hpp"
#include "services/runtime/health.hpp"

namespace singularity::services {

class Service {
public:
    Service(boost::asio::any_io_executor executor, const core::Config& config, std::string name)
        : executor_(std::move(executor)), config_(config), name_(std::move(name)) {}

    const boost::asio::any_io_executor& executor() const { return executor_; }
    const core::Config& config() const { return config_; }
    const std::string& name() const { return name_; }
    Health& health() { return health_; }

    // How this service reaches a database, in its own role or, where given, in another.
    pgclient::ConnectOptions connect_options(std::string_view database, std::string_view role = {}) const;
    pgclient::PoolOptions pool_options(std::string_view database, std::string_view role = {}) const;

    // Runs `round` until it ends well. What breaks underneath (DbError) is shown as degraded under
    // `part` and followed by a full-jitter pause; success clears it.
    boost::asio::awaitable<void> attempt(std::string_view part,
                                         std::function<boost::asio::awaitable<void>()> round);

    // attempt() for ever.
    boost::asio::awaitable<void> repeat(std::string_view part,
                                        std::function<boost::asio::awaitable<void>()> round);

    // In place of what uses the bus, where the configuration says that it is not used: tells so, and waits
    // until cancelled.
    boost::asio::awaitable<void> stay_off_the_bus();

private:
    boost::asio::any_io_executor executor_;
    const core::Config& config_;
    std::string name_;
    Health health_;
};

using ServiceMain = std::function<boost::asio::awaitable<void>(Service&)>;

// Returns the process's exit code: 0 after a signal, 1 when the main coroutine gave up.
int run_service(const core::Config& config, std::string name, ServiceMain main);

}  // namespace singularity::services
