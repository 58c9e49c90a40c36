// What the commands of `singularity queue` share: their options, and how they run on a database's queues.
//
// A command's work is a coroutine over the options. It throws what the connection throws; queue_errors.cpp
// turns that into the answer: 2 for input that the server refused, 4 for a queue that isn't there, 5 for
// what the caller may not do, or what another message's unique key forbids.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "pgclient/error.hpp"

namespace singularity::cli {

// Which dead letters: by their ids, or all that fit.
struct DeadLetterChoice {
    std::vector<std::int64_t> ids;
    bool all = false;
    std::string queue;   // in which they died; empty: any
    std::string reason;  // a part of it; empty: any
    std::int32_t limit = 50;
};

struct QueueOptions {
    std::string database = "shared_queue";
    std::string queue;
    std::string message;  // JSON, as are the headers; checked by the server
    std::string headers;
    std::optional<std::string> unique_key, group;
    std::optional<std::int32_t> priority;
    std::int32_t delay_seconds = 0;
    std::int32_t hidden_seconds = 30;
    std::int32_t limit = 1;
    std::int64_t after = 0;  // peek: ids above this
    bool unlogged = false;
    bool memory_claims = false, turns = false;
    std::int32_t max_in_flight = 0, max_in_flight_per_group = 0;  // 0: not given
    std::string unique_for;
    std::vector<std::string> settings;  // configure: key=value
    std::string url;                    // adopt: a database that is none of the backbone's
    std::string request_id;
    std::int32_t wait_seconds = 0;  // answer
    DeadLetterChoice dead;
    double interval_seconds = 2;  // watch
    bool once = false;
};

using QueueWork = boost::asio::awaitable<void> (*)(Context&, const QueueOptions&);

// Runs `work`, and answers with what the server refused.
void run_on_queues(Context& context, const QueueOptions& options, QueueWork work);

// A subcommand of `queue` that does `work` on one of the backbone's databases, whose name it takes.
CLI::App* add_queue_command(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options,
                            const std::string& name, const std::string& description, QueueWork work);

// The same, with a queue's name as its first argument.
CLI::App* add_command_on_queue(CLI::App& queue, Context& context,
                               const std::shared_ptr<QueueOptions>& options, const std::string& name,
                               const std::string& description, QueueWork work);

// What the server refused, in the terms of queues; one that says something else is thrown again.
core::Error error_on_queue(const pgclient::DbError& error, const QueueOptions& options);

// The options of a new queue as queue.configure takes them: flags of `create`, and what was given of them.
void add_option_flags(CLI::App& create, QueueOptions& options);
std::string option_flags_given(const QueueOptions& options);

void add_queue_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_queue_configure(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_message_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_request_commands(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_queue_trace(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_dead_letter_commands(CLI::App& queue, Context& context,
                              const std::shared_ptr<QueueOptions>& options);
void add_queue_watch(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);
void add_queue_adopt(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options);

}  // namespace singularity::cli
