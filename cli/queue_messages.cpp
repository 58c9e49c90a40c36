// singularity queue send|read|peek: single messages.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/queue_options.hpp"
#include "cli/whole_number.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;
using pgclient::Query;

// The server reads the JSON: what it takes is what a queue takes, with every digit of its numbers.
// Headers that are no object can hold no others, and it says so.
constexpr Query kSend{
    "queue.send",
    "select msg_id from (select nullif($3::text, '')::jsonb, jsonb_strip_nulls(jsonb_build_object("
    "  'x-queue-unique-key', $5::text, 'x-queue-priority', $6::integer, 'x-pgmq-group', $7::text)))"
    " as headers (given, ours), lateral pgmq.send($1::text, $2::text::jsonb, case when ours = '{}' then given"
    "  else (select jsonb_object_agg(key, value) from (select * from jsonb_each(coalesce(given, '{}'))"
    "                                                  union all select * from jsonb_each(ours)) as each) "
    "end,"
    " $4::integer) as sent (msg_id)"};

// Which of the two texts the server could not read, and why.
constexpr Query kUnreadable{
    "queue.unreadable",
    "select name, message, detail"
    " from (values ('the message', $1::text), ('--headers', nullif($2::text, ''))) as given (name, value),"
    "  pg_input_error_info(value, 'jsonb')"
    " where message is not null limit 1"};

constexpr Query kRead{"queue.read",
                      "select msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers"
                      " from pgmq.read($1::text, $2::integer, $3::integer)"};

constexpr Query kPeek{"queue.peek",
                      "select msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers"
                      " from queue.peek($1::text, $2::integer, $3::bigint)"};

struct Message {
    std::int64_t msg_id = 0;
    std::int32_t read_ct = 0;
    pgclient::Timestamp enqueued_at;
    std::optional<pgclient::Timestamp> last_read_at;
    pgclient::Timestamp vt;
    std::optional<boost::json::value> message;
    std::optional<boost::json::value> headers;
};

struct Unreadable {
    std::string name, message;
    std::optional<std::string> detail;
};

boost::json::object as_json(const Message& message) {
    return {{"msg_id", message.msg_id},
            {"read_ct", message.read_ct},
            {"enqueued_at", core::rfc3339(message.enqueued_at)},
            {"last_read_at", message.last_read_at ? boost::json::value(core::rfc3339(*message.last_read_at))
                                                  : boost::json::value(nullptr)},
            {"vt", core::rfc3339(message.vt)},
            {"message", message.message.value_or(nullptr)},
            {"headers", message.headers.value_or(nullptr)}};
}

void print(Context& context, const std::vector<Message>& messages) {
    if (context.json) {
        boost::json::array array;
        for (const Message& message : messages) array.push_back(as_json(message));
        return context.print_json(array);
    }
    for (const Message& message : messages) {
        std::cout << core::format("{} {} {}\n", message.msg_id, core::rfc3339(message.enqueued_at),
                                  boost::json::serialize(message.message.value_or(nullptr)));
    }
}

bool is_about_data(const pgclient::DbError& error) {
    return error.cause() == pgclient::Cause::server && error.sqlstate().starts_with("22");
}

awaitable<void> send(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    std::exception_ptr refusal;
    try {
        const auto msg_id = co_await session->one<std::int64_t>(
            kSend, options.queue, options.message, options.headers, options.delay_seconds, options.unique_key,
            options.priority, options.group);
        if (context.json) context.print_json(boost::json::object{{"msg_id", msg_id}});
        else std::cout << msg_id << '\n';
        co_return;
    } catch (const pgclient::DbError& error) {
        if (!is_about_data(error)) throw;
        refusal = std::current_exception();
    }
    const auto text = co_await session->maybe<Unreadable>(kUnreadable, options.message, options.headers);
    if (!text) std::rethrow_exception(refusal);
    std::vector<std::string> details;
    if (text->detail) details.push_back(*text->detail);
    context.fail({core::ErrorCode::invalid_input, core::format("{}: {}", text->name, text->message),
                  std::move(details)});
}

awaitable<void> read(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    print(context,
          co_await session->rows<Message>(kRead, options.queue, options.hidden_seconds, options.limit));
}

awaitable<void> peek(Context& context, const QueueOptions& options) {
    const auto session = co_await connect(context.config, options.database);
    print(context, co_await session->rows<Message>(kPeek, options.queue, options.limit, options.after));
}

}  // namespace

void add_message_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    auto* sending =
        add_command_on_queue(queue, context, options, "send", "Send a message; prints its id", send);
    sending->add_option("MESSAGE", options->message, "JSON")->required();
    sending->add_option("--headers", options->headers, "JSON");
    sending->add_option("--delay", options->delay_seconds, "Seconds until it becomes visible")
        ->check(whole_number(0));
    sending->add_option("--unique-key", options->unique_key,
                        "Sent again with the same key it is not sent twice; prints the first one's id");
    sending->add_option("--priority", options->priority, "-100 to 100; higher ones are read first");
    sending->add_option("--group", options->group, "Its header x-pgmq-group");

    auto* reading = add_command_on_queue(queue, context, options, "read",
                                         "Claim messages; they come back unless deleted", read);
    reading->add_option("--vt", options->hidden_seconds, "Seconds until they come back")
        ->check(whole_number(0));
    auto* peeking = add_command_on_queue(queue, context, options, "peek",
                                         "Look at messages, hidden ones too, without claiming them", peek);
    peeking->add_option("--after", options->after, "Only ids above this one");
    for (auto* command : {reading, peeking}) {
        command->add_option("--limit", options->limit, "Messages at most")->check(whole_number(1));
    }
}

}  // namespace singularity::cli
