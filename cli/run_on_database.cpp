#include "cli/run_on_database.hpp"

#include <boost/asio.hpp>

#include "pgclient/error.hpp"

namespace singularity::cli {

namespace {

core::Error error_of(const pgclient::DbError& error) {
    if (error.cause() == pgclient::Cause::connection) {
        return {core::ErrorCode::not_running,
                "the backbone can't be reached; start it with \"singularity up\"",
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
        context.fail(error_of(error));
    }
}

}  // namespace singularity::cli
