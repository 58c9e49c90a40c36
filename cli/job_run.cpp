// singularity job run: a script in the sandbox, as if it were run here: its input, its output as it comes,
// its exit code.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <csignal>
#include <iostream>

#include "cli/given_id.hpp"
#include "cli/job_draft.hpp"
#include "cli/job_exit.hpp"
#include "cli/job_following.hpp"
#include "cli/job_options.hpp"
#include "cli/run_on_database.hpp"
#include "cluster/url.hpp"
#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "messages/json_mapping.hpp"
#include "services/genesis/job_check.hpp"
#include "services/runtime/publisher.hpp"

namespace singularity::cli {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using namespace core::awaitable_operators;
using messages::JobRequest;
using messages::JobResult;

// Whether all of it could be written.
bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void fail(Context& context, const core::Error& error) {
    context.fail(error);
    context.exit_code = kOurFailure;
}

// What comes after the program does not hide how that ended.
void fail_afterwards(Context& context, const core::Error& error) {
    const int ended_with = context.exit_code;
    fail(context, error);
    if (ended_with != 0) context.exit_code = ended_with;
}

// Of what was sent before nothing may differ, so it isn't said when it was sent.
awaitable<core::Expected<std::int64_t>> publish(const core::Config& config, const JobRequest& request,
                                                bool is_new) {
    const auto url = cluster::database_url(config, "shared_queue", "singularity");
    if (!url) co_return std::unexpected(url.error());
    pgclient::Pool bus(co_await asio::this_coro::executor,
                       {.connect = {.dsn = *url, .application_name = "singularity cli"}, .size = 1});
    messages::Defaults defaults{.instance_id = config.instance_id};
    if (is_new) defaults.enqueued_at = core::now();
    services::Publisher publisher(bus, config.shared_queue_enabled, std::move(defaults));
    co_return co_await publisher.publish(request);
}

void save_artifacts(Context& context, const JobOptions& options, const JobResult& result) {
    for (const std::string& each : options.artifacts) {
        const auto [name, path] = name_and_path(each);
        const auto found = std::ranges::find(result.artifacts, name, &messages::JobArtifact::path);
        if (found == result.artifacts.end() || !found->content) {
            fail_afterwards(context, {core::ErrorCode::failed,
                                      core::format("there is no artifact \"{}\" in the result", name),
                                      {}});
            continue;
        }
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
        const bool saved = file >= 0 && write_all(file, bytes_of(found->content, found->encoding));
        if (file >= 0) ::close(file);
        if (!saved)
            fail_afterwards(context,
                            {core::ErrorCode::failed, core::format("\"{}\" can't be written", path), {}});
    }
}

void conclude(Context& context, const JobOptions& options, const JobResult& result, int signal) {
    const JobExit exit = exit_of(result);
    context.exit_code = signal != 0 && result.verdict == "cancelled" ? 128 + signal : exit.code;
    if (!context.json && result.compile_output && result.verdict == "compile_error")
        write_all(STDERR_FILENO, *result.compile_output);
    if (!exit.message.empty() && signal != SIGPIPE) std::cerr << "singularity: " << exit.message << '\n';
    if (result.error && !result.error->details.empty() && exit.code == kOurFailure)
        std::cerr << "  " << boost::json::serialize(result.error->details) << '\n';
    save_artifacts(context, options, result);
}

awaitable<void> follow(Context& context, const JobOptions& options, std::string request_id) {
    int signal = 0;
    bool is_deaf = false;
    asio::steady_timer deaf(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    JobStreams streams([&](bool is_error, std::string_view bytes) {
        if (is_deaf || context.json || write_all(is_error ? STDERR_FILENO : STDOUT_FILENO, bytes)) return;
        is_deaf = true;
        deaf.cancel();
    });
    const auto stop_where_nobody_reads = [&]() -> awaitable<void> {
        if (!is_deaf) co_await deaf.async_wait(asio::as_tuple);
        if (!is_deaf) throw boost::system::system_error(asio::error::operation_aborted);
        signal = SIGPIPE;
        co_await cancel_job(context.config, request_id);
        deaf.expires_at(asio::steady_timer::time_point::max());
        co_await deaf.async_wait(asio::use_awaitable);
    };
    core::Expected<boost::json::value> answer;
    const auto wait = [&]() -> awaitable<void> {
        answer = co_await answer_to_job(context.config, request_id);
    };
    co_await (wait() || show_pieces(context.config, request_id, streams) ||
              obey_signals(context.config, request_id, signal) || stop_where_nobody_reads());
    if (!answer) co_return fail(context, answer.error());
    const auto result = messages::from_json<JobResult>(*answer);
    if (!result) co_return fail(context, result.error());
    if (context.json) context.print_json(*answer);
    else streams.end(*result);
    if (streams.differs())
        std::cerr << "singularity: the job was run again, and wrote something else than before\n";
    conclude(context, options, *result, signal);
    if (is_deaf) context.exit_code = 128 + SIGPIPE;
}

awaitable<void> run_job(Context& context, const JobOptions& options) {
    const auto languages = services::genesis::all_languages(services::genesis::runtimes_folder());
    auto request = draft_of(options, languages);
    if (!request) co_return fail(context, request.error());
    request->request_id = options.request_id.empty() ? messages::new_request_id() : options.request_id;
    request->id = request->request_id;
    if (const auto refused = services::genesis::check_job(*request, languages))
        co_return fail(context, *refused);
    const auto sent = co_await publish(context.config, *request, options.request_id.empty());
    if (!sent) co_return fail(context, sent.error());
    co_await follow(context, options, request->request_id);
}

void add_limits(CLI::App& run, JobOptions& options) {
    run.add_option("--cpu", options.cpu_ms,
                   "CPU time of all its processes, such as 500ms, 10s or 1m; a bare number is ms")
        ->transform(
            CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60000}}));
    run.add_option("--wall", options.wall_ms, "Time by the clock, likewise")
        ->transform(
            CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60000}}));
    run.add_option("--memory", options.memory_mb, "Megabytes of memory and files");
    run.add_option("--processes", options.processes, "Processes and threads at a time");
    run.add_option("--output", options.output_kb, "Kilobytes that are kept of each stream");
}

void add_options(CLI::App& run, JobOptions& options) {
    run.add_option("SCRIPT", options.script, "The code's file, or - to read the code");
    run.add_option("ARGUMENTS", options.arguments, "The program's, after --");
    run.add_option("--code", options.code, "The code itself, instead of a file");
    run.add_option("--language", options.language, "Else by the file's ending, or its first line");
    run.add_option("--kind", options.kind, "run, validate (is it well-formed?) or lint")
        ->check(CLI::IsMember({"run", "validate", "lint"}));
    run.add_option("--file", options.files, "NAME or NAME=PATH: a file beside the program")
        ->allow_extra_args(false);
    run.add_option("--artifact", options.artifacts, "NAME or NAME=PATH: a file to bring back")
        ->allow_extra_args(false);
    run.add_option("--agent", options.agent, "Whose job it is");
    run.add_option("--priority", options.priority, "-100 to 100: higher ones are next");
    run.add_option("--request-id", options.request_id, "Sent again with the same one it is not run twice")
        ->check(given_id);
    run.add_option("--expires-at", options.expires_at, "When nobody wants it any more, RFC 3339");
    run.add_flag("--share", options.share, "Have the result of an identical job that runs");
    run.add_flag("--no-input", options.no_input, "Leave standard input alone");
    add_limits(run, options);
}

}  // namespace

void add_job_run(CLI::App& job, Context& context) {
    auto* run = job.add_subcommand("run", "Run a script in the sandbox, with its output and its exit code");
    auto options = std::make_shared<JobOptions>();
    add_options(*run, *options);
    run->callback([&context, options] {
        std::signal(SIGPIPE, SIG_IGN);  // NOLINT(concurrency-mt-unsafe)
        bool is_ours = true;            // unless it came to its end
        run_on_database(context, [&]() -> awaitable<void> {
            co_await run_job(context, *options);
            is_ours = false;
        });
        if (is_ours) context.exit_code = kOurFailure;
    });
}

}  // namespace singularity::cli
