#include "cli/request_end.hpp"

#include <boost/asio.hpp>
#include <stdexcept>

#include "cli/plain_text.hpp"
#include "cluster/url.hpp"
#include "core/format.hpp"
#include "pgclient/error.hpp"

namespace singularity::cli {

using boost::asio::awaitable;
using core::ErrorCode;
using services::nexus::Standing;

namespace {

pgclient::PoolOptions console_of(const core::Config& config, std::string_view database) {
    const auto url = cluster::database_url(config, database, "console");
    if (!url) throw std::runtime_error(url.error().message);
    return {.connect = {.dsn = *url, .application_name = "singularity cli"}, .size = 1};
}

WhyUnanswered because(const std::string& request_id, const Standing& standing) {
    if (standing.state == "expired")
        return {true,
                {ErrorCode::not_found, core::format("the answer to \"{}\" has expired", request_id), {}}};
    if (standing.state != "dead")
        return {false,
                {ErrorCode::not_found, core::format("there is no answer to \"{}\" yet", request_id), {}}};
    const std::string reason = plain_text(standing.reason.value_or("nobody said why"));
    return {true,
            {ErrorCode::failed,
             core::format("there is no answer to \"{}\": it, or the answer, is a dead letter of {}",
                          request_id, plain_text(standing.queue.value_or("an unknown queue"))),
             {reason}}};
}

}  // namespace

RequestEnd::RequestEnd(const boost::asio::any_io_executor& executor, const core::Config& config)
    : store_(executor, console_of(config, "singularity"), console_of(config, "shared_queue"),
             {console_of(config, "genesis"), console_of(config, "nexus")},
             console_of(config, "singularity")) {}

awaitable<WhyUnanswered> RequestEnd::look(std::string request_id) {
    try {
        const auto standings = co_await store_.standings({request_id});
        if (!standings.empty()) co_return because(request_id, standings.front());
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
        co_return because(request_id, {});
    }
    co_return WhyUnanswered{
        false,
        {ErrorCode::not_found,
         core::format("there is no answer to \"{}\": nothing is known of such a request", request_id),
         {}}};
}

}  // namespace singularity::cli
