#include "cli/run_on_database.hpp"

#include <unistd.h>

#include <boost/asio.hpp>
#include <cerrno>

#include "cluster/home.hpp"
#include "cluster/home_lock.hpp"
#include "core/format.hpp"
#include "pgclient/error.hpp"

namespace singularity::cli {

namespace {

// Of somebody else's backbone: the passwords are its user's.
bool keys_are_closed(const core::Config& config) {
    const auto home = cluster::Home::at(config.home);
    return home && ::access(home->passfile().c_str(), R_OK) != 0 && errno == EACCES;
}

bool is_up(const core::Config& config) {
    const auto home = cluster::Home::at(config.home);
    return home && cluster::lock_holder(*home);
}

core::Error error_of(const pgclient::DbError& error, const core::Config& config) {
    if (error.cause() == pgclient::Cause::connection && keys_are_closed(config)) {
        return {core::ErrorCode::refused,
                core::format(
                    "the keys in {} are closed to you: only the backbone's own user and root may do this",
                    config.home.string()),
                {}};
    }
    if (error.cause() == pgclient::Cause::connection) {
        return {core::ErrorCode::not_running,
                is_up(config)
                    ? "the database is away; what the backbone does about it says \"singularity status\""
                    : "the backbone can't be reached; start it with \"singularity up\"",
                {error.what()}};
    }
    std::vector<std::string> details;
    if (!error.detail().empty()) details.push_back(error.detail());
    if (!error.hint().empty()) details.push_back(error.hint());
    return {core::ErrorCode::failed, error.what(), std::move(details)};
}

}  // namespace

void run_on_database(Context& context, std::function<boost::asio::awaitable<void>()> work) {
    boost::asio::io_context loop(1);
    std::exception_ptr failure;
    boost::asio::co_spawn(loop, work(), [&](std::exception_ptr thrown) { failure = thrown; });
    loop.run();
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const pgclient::DbError& error) {
        context.fail(error_of(error, context.config));
    }
}

}  // namespace singularity::cli
