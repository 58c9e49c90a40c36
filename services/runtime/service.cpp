#include "services/runtime/service.hpp"

#include <boost/asio.hpp>
#include <csignal>

#include "algo/backoff.hpp"
#include "cluster/url.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"
#include "pgclient/error.hpp"
#include "services/runtime/jitter.hpp"

namespace singularity::services {

namespace asio = boost::asio;

namespace {

// Opened when they are needed: as many as a consumer has messages in flight.
constexpr std::size_t kPoolSize = 8;

constexpr algo::BackoffPolicy kRetryPolicy{std::chrono::milliseconds{100}, std::chrono::milliseconds{5'000}};

// Why a main coroutine ended, in words; empty where it was told to.
std::string reason_of(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const asio::multiple_exceptions& several) {
        return reason_of(several.first_exception());
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted ? "" : error.what();
    } catch (const pgclient::DbError& error) {
        return error.cause() == pgclient::Cause::cancelled ? "" : error.what();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

pgclient::ConnectOptions Service::connect_options(std::string_view database, std::string_view role) const {
    const auto url = cluster::database_url(config_, database, role);
    if (!url) throw std::runtime_error(url.error().message);
    return {.dsn = *url, .application_name = name_};
}

pgclient::PoolOptions Service::pool_options(std::string_view database, std::string_view role) const {
    return {.connect = connect_options(database, role), .size = kPoolSize};
}

asio::awaitable<void> Service::attempt(std::string_view part, std::function<asio::awaitable<void>()> round) {
    algo::Backoff backoff(kRetryPolicy);
    asio::steady_timer pause(executor_);
    for (;;) {
        std::string reason;
        try {
            co_await round();
            health_.well(part);
            co_return;
        } catch (const pgclient::DbError& error) {
            if (error.cause() == pgclient::Cause::cancelled) throw;
            reason = error.what();
        }
        health_.amiss(part, reason);
        pause.expires_after(backoff.next(random_bits()));
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Service::repeat(std::string_view part, std::function<asio::awaitable<void>()> round) {
    for (;;) co_await attempt(part, round);
}

asio::awaitable<void> Service::stay_off_the_bus() {
    health_.remark("the shared queue is disabled");
    asio::steady_timer forever(executor_, asio::steady_timer::time_point::max());
    co_await forever.async_wait(asio::use_awaitable);
}

int run_service(const core::Config& config, std::string name, ServiceMain main) {
    asio::io_context context(1);
    Service service(context.get_executor(), config, name);
    asio::cancellation_signal stop;
    int exit_code = 0;
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int signal) {
        if (error) return;
        core::log::info("service.stopping", {{"signal", signal}});
        stop.emit(asio::cancellation_type::terminal);
    });
    auto finished = [&](std::exception_ptr failure) {
        signals.cancel();
        const std::string reason = failure ? reason_of(failure) : "";
        if (reason.empty()) return;
        core::log::error("service.failed", {{"reason", reason}});
        exit_code = 1;
    };
    core::log::info("service.starting", {{"instance", config.instance_id}});
    asio::co_spawn(context, main(service), asio::bind_cancellation_slot(stop.slot(), finished));
    context.run();
    core::log::info("service.stopped", {{"exit_code", exit_code}});
    return exit_code;
}

}  // namespace singularity::services
