// singularity job cancel: nobody wants its result any more.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/job_following.hpp"
#include "cli/job_options.hpp"
#include "cli/job_queries.hpp"
#include "cli/run_on_database.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using core::ErrorCode;

constexpr pgclient::Query kKnown{"job.cancel_known", "select api.known_requests(array[$1::text])"};

awaitable<std::optional<core::Error>> refusal(const core::Config& config, const std::string& request_id) {
    const auto genesis = co_await connect(config, "genesis");
    if (!co_await find_job(*genesis, request_id)) {
        const auto bus = co_await connect(config, "shared_queue");
        if ((co_await bus->rows<std::string>(kKnown, request_id)).empty())
            co_return core::Error{
                ErrorCode::not_found, core::format("there is no job \"{}\"", request_id), {}};
    }
    if (co_await cancel_job(config, request_id)) co_return std::nullopt;
    co_return core::Error{ErrorCode::refused, core::format("job \"{}\" has ended already", request_id), {}};
}

awaitable<void> cancel(Context& context, const JobOptions& options) {
    boost::json::array states;
    for (const std::string& request_id : options.request_ids) {
        if (const auto refused = co_await refusal(context.config, request_id)) {
            context.fail(*refused);
            continue;
        }
        states.push_back({{"request_id", request_id}, {"state", "cancelling"}});
    }
    if (context.json) context.print_json(states);
}

}  // namespace

void add_job_cancel(CLI::App& job, Context& context) {
    auto options = std::make_shared<JobOptions>();
    auto* command =
        job.add_subcommand("cancel", "End jobs, those that wait, too: their verdict is cancelled");
    command->add_option("ID", options->request_ids, "As run, list or publish printed it")->required();
    command->callback(
        [&context, options] { run_on_database(context, [&] { return cancel(context, *options); }); });
}

}  // namespace singularity::cli
