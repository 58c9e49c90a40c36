// singularity queue: the queues of any database, as its owner. The commands are in the files queue_*.cpp;
// here is what they share.
#include <boost/asio.hpp>

#include "cli/commands.hpp"
#include "cli/queue_options.hpp"
#include "cli/run_on_database.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using core::ErrorCode;

awaitable<void> on_queues(Context& context, const QueueOptions& options, QueueWork work) {
    std::optional<core::Error> refusal;
    try {
        co_await work(context, options);
    } catch (const pgclient::DbError& error) {
        refusal = error_on_queue(error, options);
    }
    if (refusal) context.fail(*refusal);
}

std::string missing_queue(std::string_view name) {
    return core::format("queue \"{}\" does not exist", name);
}

bool is_about_input(std::string_view sqlstate) {
    constexpr std::string_view kInvalidName = "42602", kNameOfAnother = "42710", kProgramLimit = "54000",
                               kNotSupported = "0A000";
    return sqlstate.starts_with("22") || sqlstate == kInvalidName || sqlstate == kNameOfAnother ||
           sqlstate == kProgramLimit || sqlstate == kNotSupported;
}

}  // namespace

core::Error error_on_queue(const pgclient::DbError& error, const QueueOptions& options) {
    constexpr std::string_view kUndefinedTable = "42P01", kNoSchema = "3F000", kNoRight = "42501",
                               kKeyTaken = "23505";
    const std::string& state = error.sqlstate();
    if (error.cause() != pgclient::Cause::server) throw error;
    if (state == kUndefinedTable && error.message() == missing_queue(options.queue)) {
        return {ErrorCode::not_found,
                core::format("there is no queue \"{}\" in database {}", options.queue, options.database),
                {}};
    }
    if (state == kNoSchema) {
        return {ErrorCode::not_found,
                core::format("database {} has no queues: extension sg_queue is not in it", options.database),
                {}};
    }
    std::vector<std::string> details;
    if (!error.detail().empty()) details.push_back(error.detail());
    if (!error.hint().empty()) details.push_back(error.hint());
    if (state == kUndefinedTable && error.message().contains("queue \""))
        return {ErrorCode::not_found, error.message(), std::move(details)};
    if (is_about_input(state)) return {ErrorCode::invalid_input, error.message(), std::move(details)};
    if (state == kNoRight || state == kKeyTaken)
        return {ErrorCode::refused, error.message(), std::move(details)};
    throw error;
}

void run_on_queues(Context& context, const QueueOptions& options, QueueWork work) {
    run_on_database(context, [&] { return on_queues(context, options, work); });
}

CLI::App* add_queue_command(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options,
                            const std::string& name, const std::string& description, QueueWork work) {
    auto* command = queue.add_subcommand(name, description);
    command->add_option("--database", options->database, "shared_queue, singularity, genesis or nexus")
        ->check(CLI::IsMember({"shared_queue", "singularity", "genesis", "nexus"}));
    command->callback([&context, options, work] { run_on_queues(context, *options, work); });
    return command;
}

CLI::App* add_command_on_queue(CLI::App& queue, Context& context,
                               const std::shared_ptr<QueueOptions>& options, const std::string& name,
                               const std::string& description, QueueWork work) {
    auto* command = add_queue_command(queue, context, options, name, description, work);
    command->add_option("QUEUE", options->queue, "Its name")->required();
    return command;
}

void add_queue(CLI::App& app, Context& context) {
    auto* queue = app.add_subcommand(
        "queue", "Message queues: what is in them, requests and answers, what failed, what is to be done");
    queue->require_subcommand(1);
    auto options = std::make_shared<QueueOptions>();
    add_queue_commands(*queue, context, options);
    add_queue_configure(*queue, context, options);
    add_message_commands(*queue, context, options);
    add_request_commands(*queue, context, options);
    add_queue_trace(*queue, context, options);
    add_dead_letter_commands(*queue, context, options);
    add_queue_watch(*queue, context, options);
    add_queue_adopt(*queue, context, options);
}

}  // namespace singularity::cli
