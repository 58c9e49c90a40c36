// singularity queue adopt: the original pgmq's queues, and those of sg_queue's first form, become sg_queue's.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <utility>

#include "cli/operator.hpp"
#include "cli/queue_adoption.hpp"
#include "cli/queue_options.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

pgclient::Task<std::unique_ptr<pgclient::Connection>> connect_to(Context& context,
                                                                 const QueueOptions& options) {
    if (options.url.empty()) co_return co_await connect_as_operator(context.config, options.database);
    co_return co_await pgclient::Connection::open(
        {.dsn = options.url, .application_name = "singularity cli"});
}

core::Error why_not(Adoptable found) {
    if (found == Adoptable::nothing)
        return {core::ErrorCode::not_found, "the database has no queues to adopt", {}};
    return {core::ErrorCode::refused,
            "the database's queues were made without an extension, whose place sg_queue could take",
            {}};
}

// It is the caller's own server, which no command of ours starts.
bool is_unreachable(const pgclient::DbError& error, const QueueOptions& options) {
    return !options.url.empty() && error.cause() == pgclient::Cause::connection;
}

// A script runs as one transaction. The server waits for a queue's table as long as the call's deadline lets
// it.
awaitable<void> adopt_all(Context& context, const QueueOptions& options) {
    const auto session = co_await connect_to(context, options);
    if (const auto found = co_await look_for_queues(*session); found != Adoptable::yes) {
        co_return context.fail(why_not(found));
    }
    boost::json::array done;
    std::string last;
    while (const auto step = co_await next_adoption_step(*session)) {
        if (std::exchange(last, step->name + step->subject) == step->name + step->subject) {
            co_return context.fail({core::ErrorCode::failed,
                                    core::format("step {} of {} had no effect", step->name, step->subject),
                                    {}});
        }
        co_await session->script(step->sql);
        done.push_back({{"step", step->name}, {"subject", step->subject}});
        if (!context.json) std::cout << core::format("{:8} {}\n", step->name, step->subject) << std::flush;
    }
    if (context.json) context.print_json(boost::json::object{{"steps", done}});
    else if (done.empty()) std::cout << "nothing is missing\n";
}

awaitable<void> adopt(Context& context, const QueueOptions& options) {
    try {
        co_await adopt_all(context, options);
    } catch (const pgclient::DbError& error) {
        if (!is_unreachable(error, options)) throw;
        context.fail(
            {core::ErrorCode::not_running, "the database of --url can't be reached", {error.what()}});
    }
}

}  // namespace

void add_queue_adopt(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    add_queue_command(queue, context, options, "adopt",
                      "Make the original pgmq's queues this extension's; an interrupted run is completed",
                      adopt)
        ->add_option("--url", options->url, "A database that is none of the backbone's, as a superuser");
}

}  // namespace singularity::cli
