// singularity job list|show|logs: jobs that ran, run, or wait.
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/job_following.hpp"
#include "cli/job_options.hpp"
#include "cli/job_queries.hpp"
#include "cli/job_text.hpp"
#include "cli/plain_text.hpp"
#include "cli/run_on_database.hpp"
#include "cli/whole_number.hpp"
#include "core/awaitable_operators.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"
#include "messages/json_mapping.hpp"

namespace singularity::cli {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;

constexpr pgclient::Query kKnown{"job.known", "select api.known_requests(array[$1::text])"};

constexpr pgclient::Query kDead{
    "job.dead", "select coalesce(reason, 'nobody said why') from api.dead_requests(array[$1::text])"};

awaitable<bool> waits_on_the_bus(const core::Config& config, const std::string& request_id) {
    const auto bus = co_await connect(config, "shared_queue");
    co_return !(co_await bus->rows<std::string>(kKnown, request_id)).empty();
}

// Why; none where it did not.
awaitable<std::optional<std::string>> died_on_the_bus(const core::Config& config,
                                                      const std::string& request_id) {
    const auto bus = co_await connect(config, "shared_queue");
    co_return co_await bus->maybe<std::string>(kDead, request_id);
}

void show_unbegun(Context& context, const std::string& request_id, const std::optional<std::string>& death) {
    const std::string state = death ? "dead" : "queued";
    if (!context.json) {
        std::cout << core::format("job        {}\nstate      {}{}\n", plain_text(request_id), state,
                                  death ? ": " + plain_text(*death, 500) : "");
        return;
    }
    boost::json::object told{{"request_id", request_id}, {"state", state}};
    if (death) told["error"] = {{"code", "dead_letter"}, {"message", *death}};
    context.print_json(told);
}

core::Error unknown(const std::string& request_id) {
    return {core::ErrorCode::not_found, core::format("there is no job \"{}\"", request_id), {}};
}

std::string took(const JobRow& job) {
    return job.finished_at ? core::readable(*job.finished_at - job.enqueued_at) : "";
}

awaitable<void> list(Context& context, const JobOptions& options) {
    const auto genesis = co_await connect(context.config, "genesis");
    const auto jobs = co_await list_jobs(*genesis, options.state, options.agent, options.limit);
    if (context.json) {
        boost::json::array rows;
        for (const JobRow& job : jobs) rows.push_back(job.all);
        co_return context.print_json(rows);
    }
    for (const JobRow& job : jobs) {
        std::cout << core::format("{}  {:<20} {:<12} {:<8} {:>9}  {}\n", plain_text(job.request_id),
                                  job.verdict.value_or(job.state), plain_text(job.language), job.kind,
                                  took(job), plain_text(job.whose, 60));
    }
}

void print(const std::vector<SuggestedLimit>& limits) {
    if (limits.empty()) return;
    std::string each;
    for (const SuggestedLimit& limit : limits)
        each += core::format("{}{} {}", each.empty() ? "" : ", ", limit.limit_name, limit.suggested);
    std::cout << core::format(
        "next time  {} (suggested after {} of this {})\n", each,
        limits.front().samples == 1 ? "1 run" : core::format("{} runs", limits.front().samples),
        limits.front().basis);
}

void print(const JobRow& job, const std::vector<RunRow>& runs) {
    std::cout << core::format("job        {}\nof         {}\nlanguage   {} ({})\nstate      {}{}\n",
                              plain_text(job.request_id), plain_text(job.whose), plain_text(job.language),
                              job.kind, job.state, job.verdict ? ", " + *job.verdict : "");
    std::cout << core::format("asked      {}\n", core::rfc3339(job.enqueued_at));
    if (job.finished_at)
        std::cout << core::format("answered   {}, after {}\n", core::rfc3339(*job.finished_at), took(job));
    for (const RunRow& run : runs)
        std::cout << core::format("attempt {}  {}{}\n", run.attempt, run.state,
                                  run.problem ? ": " + plain_text(*run.problem, 500) : "");
    const auto* result = job.all.as_object().if_contains("result");
    if (result && result->is_object())
        std::cout << "result     " << plain_text(boost::json::serialize(*result)) << '\n';
}

// As the next request can say them.
boost::json::object as_limits(const std::vector<SuggestedLimit>& limits) {
    boost::json::object each;
    for (const SuggestedLimit& limit : limits) each[limit.limit_name] = limit.suggested;
    return each;
}

awaitable<void> show(Context& context, const JobOptions& options) {
    const auto genesis = co_await connect(context.config, "genesis");
    const auto job = co_await find_job(*genesis, options.request_id);
    if (!job) {
        if (!co_await waits_on_the_bus(context.config, options.request_id))
            co_return context.fail(unknown(options.request_id));
        co_return show_unbegun(context, options.request_id,
                               co_await died_on_the_bus(context.config, options.request_id));
    }
    const auto limits = co_await limits_for_next(*genesis, options.request_id);
    if (!context.json) {
        print(*job, co_await runs_of(*genesis, options.request_id));
        co_return print(limits);
    }
    boost::json::object all = job->all.as_object();
    if (!limits.empty()) all["suggested_limits"] = as_limits(limits);
    if (const auto whole = co_await result_of(*genesis, options.request_id)) all["result"] = *whole;
    context.print_json(all);
}

void write(int descriptor, std::string_view bytes) {
    const std::string text = ::isatty(descriptor) != 0 ? tame(bytes) : std::string(bytes);
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(descriptor, rest.data(), rest.size());
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

awaitable<void> until_ended(const core::Config& config, std::string request_id,
                            std::optional<boost::json::value>& result) {
    const auto genesis = co_await connect(config, "genesis");
    asio::steady_timer pause(co_await asio::this_coro::executor);
    while (!(result = co_await result_of(*genesis, request_id))) {
        pause.expires_after(std::chrono::milliseconds(200));
        co_await pause.async_wait(asio::use_awaitable);
    }
}

awaitable<void> logs(Context& context, const JobOptions& options) {
    const auto genesis = co_await connect(context.config, "genesis");
    const auto job = co_await find_job(*genesis, options.request_id);
    if (!job && !co_await waits_on_the_bus(context.config, options.request_id))
        co_return context.fail(unknown(options.request_id));
    if (const auto death = job ? std::nullopt : co_await died_on_the_bus(context.config, options.request_id))
        co_return context.fail({core::ErrorCode::refused, "its message is a dead letter: " + *death, {}});
    JobStreams streams([&options](bool is_error, std::string_view bytes) {
        if (is_error ? options.out_only : options.err_only) return;
        write(is_error ? STDERR_FILENO : STDOUT_FILENO, bytes);
    });
    auto result = co_await result_of(*genesis, options.request_id);
    const bool has_ended = job && job->finished_at;
    if (!result && has_ended)
        co_return context.fail({core::ErrorCode::not_found, "what the job wrote is no longer kept", {}});
    if (!result && options.follow) {
        co_await (show_pieces(context.config, options.request_id, streams) ||
                  until_ended(context.config, options.request_id, result));
    } else if (!result) {
        co_await pieces_so_far(context.config, options.request_id, streams);
    }
    if (!result) co_return;
    if (const auto whole = messages::from_json<messages::JobResult>(*result)) streams.end(*whole);
}

CLI::App* add(CLI::App& job, Context& context, const std::shared_ptr<JobOptions>& options, const char* name,
              const char* description, JobWork work) {
    auto* command = job.add_subcommand(name, description);
    command->callback(
        [&context, options, work] { run_on_database(context, [&] { return work(context, *options); }); });
    return command;
}

}  // namespace

void add_job_list(CLI::App& job, Context& context) {
    auto options = std::make_shared<JobOptions>();
    auto* command = add(job, context, options, "list", "Jobs that Genesis has had, the newest first", list);
    command->add_option("--limit", options->limit, "How many")->check(whole_number(1));
    command->add_option("--state", options->state, "queued, running, done, cancelled, or a verdict")
        ->check(CLI::IsMember({"queued", "running", "done", "cancelled", "ok", "runtime_error",
                               "compile_error", "signal", "cpu_timeout", "wall_timeout", "oom",
                               "output_limit", "unsupported_language", "refused", "sandbox_error"}));
    command->add_option("--agent", options->agent, "Of this agent");
}

void add_job_show(CLI::App& job, Context& context) {
    auto options = std::make_shared<JobOptions>();
    auto* command =
        add(job, context, options, "show", "One job: how it stands, its attempts, its result", show);
    command->add_option("ID", options->request_id, "As run, list or publish printed it")->required();
}

void add_job_logs(CLI::App& job, Context& context) {
    auto options = std::make_shared<JobOptions>();
    auto* command = add(job, context, options, "logs", "What a job wrote, or has written so far", logs);
    command->add_option("ID", options->request_id, "As run, list or publish printed it")->required();
    command->add_flag("--follow", options->follow, "Until it has ended");
    auto* out = command->add_flag("--stdout", options->out_only, "Standard output alone");
    command->add_flag("--stderr", options->err_only, "Standard error alone")->excludes(out);
}

}  // namespace singularity::cli
