// singularity queue list|send|read: the queues of any database, as its owner.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <format>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/run_on_database.hpp"
#include "core/clock.hpp"
#include "pgclient/error.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using pgclient::Query;

constexpr std::string_view kUndefinedTable = "42P01";

constexpr Query kList{"queue.list",
                      "select queue_name as name, queue_length as waiting, queue_visible_length as visible, "
                      "total_messages as total,"
                      " oldest_msg_age_sec as oldest_seconds, newest_msg_age_sec as newest_seconds"
                      " from pgmq.metrics_all() order by queue_name"};

constexpr Query kSend{"queue.send",
                      "select msg_id from pgmq.send($1::text, $2::jsonb, $3::integer) as sent (msg_id)"};

constexpr Query kRead{"queue.read",
                      "select msg_id, read_ct, enqueued_at, vt, message, headers"
                      " from pgmq.read($1::text, $2::integer, $3::integer)"};

struct QueueLine {
    std::string name;
    std::int64_t waiting = 0;
    std::int64_t visible = 0;
    std::int64_t total = 0;
    std::optional<std::int32_t> oldest_seconds;
    std::optional<std::int32_t> newest_seconds;
};

struct Message {
    std::int64_t msg_id = 0;
    std::int32_t read_ct = 0;
    pgclient::Timestamp enqueued_at;
    pgclient::Timestamp vt;
    std::optional<boost::json::value> message;
    std::optional<boost::json::value> headers;
};

// What the command line gave; one for all three commands.
struct Options {
    std::string database = "shared_queue";
    std::string queue;
    std::string message;
    std::int32_t delay_seconds = 0;
    std::int32_t hidden_seconds = 30;
    std::int32_t limit = 1;
};

boost::json::object as_json(const QueueLine& line) {
    return {{"name", line.name},
            {"waiting", line.waiting},
            {"visible", line.visible},
            {"total", line.total},
            {"oldest_seconds", boost::json::value_from(line.oldest_seconds)},
            {"newest_seconds", boost::json::value_from(line.newest_seconds)}};
}

boost::json::object as_json(const Message& message) {
    return {{"msg_id", message.msg_id},
            {"read_ct", message.read_ct},
            {"enqueued_at", core::rfc3339(message.enqueued_at)},
            {"vt", core::rfc3339(message.vt)},
            {"message", message.message.value_or(nullptr)},
            {"headers", message.headers.value_or(nullptr)}};
}

template <class T>
void print_json(Context& context, const std::vector<T>& rows) {
    boost::json::array array;
    for (const T& row : rows) array.push_back(as_json(row));
    context.print_json(array);
}

awaitable<void> list(Context& context, const Options& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto lines = co_await session->rows<QueueLine>(kList);
    if (context.json) co_return print_json(context, lines);
    std::cout << std::format("{:48} {:>8} {:>8} {:>8} {:>10}\n", "queue", "waiting", "visible", "total",
                             "oldest");
    for (const QueueLine& line : lines) {
        std::cout << std::format("{:48} {:>8} {:>8} {:>8} {:>10}\n", line.name, line.waiting, line.visible,
                                 line.total,
                                 line.oldest_seconds ? std::format("{} s", *line.oldest_seconds) : "");
    }
}

awaitable<void> send(Context& context, const Options& options) {
    boost::system::error_code error;
    const boost::json::value body = boost::json::parse(options.message, error);
    if (error) {
        context.fail({core::ErrorCode::invalid_input, "the message is not JSON", {error.message()}});
        co_return;
    }
    const auto session = co_await connect(context.config, options.database);
    const auto msg_id =
        co_await session->one<std::int64_t>(kSend, options.queue, body, options.delay_seconds);
    if (context.json) context.print_json(boost::json::object{{"msg_id", msg_id}});
    else std::cout << msg_id << '\n';
}

awaitable<void> read(Context& context, const Options& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto messages =
        co_await session->rows<Message>(kRead, options.queue, options.hidden_seconds, options.limit);
    if (context.json) co_return print_json(context, messages);
    for (const Message& message : messages) {
        std::cout << std::format("{} {} {}\n", message.msg_id, core::rfc3339(message.enqueued_at),
                                 boost::json::serialize(message.message.value_or(nullptr)));
    }
}

// A queue that is not there is told as such, not as a missing table.
awaitable<void> on_queue(Context& context, const Options& options,
                         awaitable<void> (*work)(Context&, const Options&)) {
    bool missing = false;
    try {
        co_await work(context, options);
    } catch (const pgclient::DbError& error) {
        if (error.sqlstate() != kUndefinedTable || options.queue.empty()) throw;
        missing = true;
    }
    if (missing) {
        context.fail({core::ErrorCode::not_found,
                      std::format("there is no queue \"{}\" in database {}", options.queue, options.database),
                      {}});
    }
}

CLI::App* add_command(CLI::App& queue, Context& context, const std::shared_ptr<Options>& options,
                      const std::string& name, const std::string& description,
                      awaitable<void> (*work)(Context&, const Options&)) {
    auto* command = queue.add_subcommand(name, description);
    command->add_option("--database", options->database, "shared_queue, singularity, genesis or nexus")
        ->check(CLI::IsMember({"shared_queue", "singularity", "genesis", "nexus"}));
    command->callback([&context, options, work] {
        run_on_database(context, [&] { return on_queue(context, *options, work); });
    });
    return command;
}

}  // namespace

void add_queue(CLI::App& app, Context& context) {
    auto* queue = app.add_subcommand("queue", "Message queues: list, send, read");
    queue->require_subcommand(1);
    auto options = std::make_shared<Options>();
    add_command(*queue, context, options, "list", "Every queue with its length and the age of its messages",
                list);

    auto* sending = add_command(*queue, context, options, "send", "Send a message; prints its id", send);
    sending->add_option("QUEUE", options->queue, "Its name")->required();
    sending->add_option("MESSAGE", options->message, "JSON")->required();
    sending->add_option("--delay", options->delay_seconds, "Seconds until it becomes visible")
        ->check(CLI::NonNegativeNumber);

    auto* reading =
        add_command(*queue, context, options, "read", "Claim messages; they come back unless deleted", read);
    reading->add_option("QUEUE", options->queue, "Its name")->required();
    reading->add_option("--vt", options->hidden_seconds, "Seconds until they come back")
        ->check(CLI::NonNegativeNumber);
    reading->add_option("--limit", options->limit, "Messages at most")->check(CLI::PositiveNumber);
}

}  // namespace singularity::cli
