// singularity queue list|create|drop|purge|metrics: what concerns a queue as a whole.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/plain_text.hpp"
#include "cli/queue_options.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using pgclient::Query;

constexpr Query kListQueues{
    "queue.list",
    "select queue_name as name, queue_length as waiting, queue_visible_length as visible, "
    "total_messages as total,"
    " oldest_msg_age_sec as oldest_seconds, newest_msg_age_sec as newest_seconds,"
    " (select o.paused from queue.options_of(queue_name) o) as paused"
    " from pgmq.metrics_all() order by queue_name"};

constexpr Query kMetrics{
    "queue.metrics",
    "select queue_name as name, queue_length as waiting, queue_visible_length as visible, "
    "total_messages as total,"
    " oldest_msg_age_sec as oldest_seconds, newest_msg_age_sec as newest_seconds,"
    " (select o.paused from queue.options_of(queue_name) o) as paused"
    " from pgmq.metrics($1::text)"};

constexpr Query kExists{"queue.exists",
                        "select exists (select from pgmq.meta where lower(queue_name) = lower($1::text))"};
// With its options or not at all.
constexpr Query kCreate{"queue.create",
                        "select case when $2::boolean then pgmq.create_unlogged($1::text)::text"
                        " else pgmq.create($1::text)::text end,"
                        " queue.configure($1::text, $3::text::jsonb)::text"};
constexpr Query kDrop{"queue.drop", "select pgmq.drop_queue($1::text)"};
constexpr Query kPurge{"queue.purge", "select pgmq.purge_queue($1::text)"};

struct QueueLine {
    std::string name;
    std::int64_t waiting = 0;
    std::int64_t visible = 0;
    std::int64_t total = 0;
    std::optional<std::int32_t> oldest_seconds;
    std::optional<std::int32_t> newest_seconds;
    bool paused = false;
};

boost::json::object as_json(const QueueLine& line) {
    return {{"name", line.name},
            {"waiting", line.waiting},
            {"visible", line.visible},
            {"total", line.total},
            {"oldest_seconds", boost::json::value_from(line.oldest_seconds)},
            {"newest_seconds", boost::json::value_from(line.newest_seconds)},
            {"paused", line.paused}};
}

std::string seconds(std::optional<std::int32_t> age) {
    return age ? core::format("{} s", *age) : "";
}

awaitable<void> list_queues(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto lines = co_await session->rows<QueueLine>(kListQueues);
    if (context.json) {
        boost::json::array array;
        for (const QueueLine& line : lines) array.push_back(as_json(line));
        co_return context.print_json(array);
    }
    std::cout << core::format("{:48} {:>8} {:>8} {:>8} {:>10}\n", "queue", "waiting", "visible", "total",
                              "oldest");
    for (const QueueLine& line : lines) {
        std::cout << core::format("{:48} {:>8} {:>8} {:>8} {:>10}{}\n", plain_text(line.name), line.waiting,
                                  line.visible, line.total, seconds(line.oldest_seconds),
                                  line.paused ? "  paused" : "");
    }
}

awaitable<void> metrics(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto line = co_await session->one<QueueLine>(kMetrics, options.queue);
    if (context.json) co_return context.print_json(as_json(line));
    std::cout << core::format(
        "waiting  {}\nvisible  {}\ntotal    {}\noldest   {}\nnewest   {}\npaused   {}\n", line.waiting,
        line.visible, line.total, seconds(line.oldest_seconds), seconds(line.newest_seconds),
        line.paused ? "yes" : "no");
}

// Creating what exists is no error, as in SQL, and changes no option; the answer tells which it was.
awaitable<void> create(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const bool existed = co_await session->one<bool>(kExists, options.queue);
    if (!existed) {
        co_await session->exec(kCreate, options.queue, options.unlogged, option_flags_given(options));
    }
    if (context.json)
        context.print_json(boost::json::object{{"queue", options.queue}, {"created", !existed}});
    else if (existed) std::cout << core::format("queue \"{}\" exists already\n", options.queue);
}

awaitable<void> drop(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    if (!co_await session->one<bool>(kDrop, options.queue)) {
        context.fail(
            {core::ErrorCode::not_found,
             core::format("there is no queue \"{}\" in database {}", options.queue, options.database),
             {}});
    } else if (context.json) {
        context.print_json(boost::json::object{{"queue", options.queue}, {"dropped", true}});
    }
}

awaitable<void> purge(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    const auto purged = co_await session->one<std::int64_t>(kPurge, options.queue);
    if (context.json) context.print_json(boost::json::object{{"queue", options.queue}, {"purged", purged}});
    else std::cout << purged << '\n';
}

}  // namespace

void add_queue_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    add_queue_command(queue, context, options, "list",
                      "Every queue with its length and the age of its messages", list_queues);
    add_command_on_queue(queue, context, options, "metrics", "Length and ages of one queue", metrics);
    auto* creating = add_command_on_queue(queue, context, options, "create",
                                          "Create a queue; one that exists stays as it is", create);
    creating->add_flag("--unlogged", options->unlogged,
                       "Faster, and empty after a crash of the server; its archive is not");
    add_option_flags(*creating, *options);
    add_command_on_queue(queue, context, options, "drop", "Drop a queue with its messages and its archive",
                         drop);
    add_command_on_queue(queue, context, options, "purge",
                         "Remove every waiting message; prints how many there were", purge);
}

}  // namespace singularity::cli
