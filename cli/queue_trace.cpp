// singularity queue trace REQUEST_ID: every hop of a request, over all databases.
//
// Each database tells its hops in the same five columns; what has no time is how a message is now. A database
// that can't be reached is told of, and leaves its hops out.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/connect.hpp"
#include "cli/plain_text.hpp"
#include "cli/queue_options.hpp"
#include "cli/trace_queries.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

struct Hop {
    std::optional<pgclient::Timestamp> at;
    std::optional<std::string> queue;
    std::optional<std::int64_t> msg_id;
    std::string event;
    std::optional<std::string> detail;
};

struct PlacedHop {
    std::string_view database;
    Hop hop;
};

struct Trace {
    std::vector<PlacedHop> hops;
    std::vector<std::string_view> unreachable;
    std::optional<pgclient::DbError> why;  // of the last one

    double milliseconds(const Hop& hop) const {
        return std::chrono::duration<double, std::milli>(*hop.at - *hops.front().hop.at).count();
    }
};

awaitable<void> ask(const core::Config& config, const TracedDatabase& database, const std::string& request_id,
                    Trace& trace) {
    const auto session = co_await connect(config, database.name);
    for (const pgclient::Query& query : database.queries) {
        for (Hop& hop : co_await session->rows<Hop>(query, request_id)) {
            trace.hops.push_back({database.name, std::move(hop)});
        }
    }
}

awaitable<Trace> trace_of(const core::Config& config, const std::string& request_id) {
    Trace trace;
    for (const TracedDatabase& database : traced_databases()) {
        try {
            co_await ask(config, database, request_id, trace);
        } catch (const pgclient::DbError& error) {
            if (error.cause() != pgclient::Cause::connection) throw;
            trace.unreachable.push_back(database.name);
            trace.why = error;
        }
    }
    if (trace.unreachable.size() == traced_databases().size()) throw *trace.why;
    std::ranges::stable_sort(trace.hops, [](const PlacedHop& one, const PlacedHop& other) {
        if (!one.hop.at || !other.hop.at) return one.hop.at.has_value() && !other.hop.at;
        return *one.hop.at < *other.hop.at;
    });
    co_return trace;
}

boost::json::object as_json(const Trace& trace, const PlacedHop& placed) {
    const Hop& hop = placed.hop;
    boost::json::object object{{"at", nullptr}, {"milliseconds", nullptr}, {"database", placed.database}};
    if (hop.at) {
        object["at"] = core::rfc3339(*hop.at);
        object["milliseconds"] = trace.milliseconds(hop);
    }
    object["queue"] = boost::json::value_from(hop.queue);
    object["msg_id"] = boost::json::value_from(hop.msg_id);
    object["event"] = hop.event;
    object["detail"] = boost::json::value_from(hop.detail);
    return object;
}

void print_json(Context& context, const Trace& trace, const std::string& request_id) {
    boost::json::array hops;
    for (const PlacedHop& hop : trace.hops) hops.push_back(as_json(trace, hop));
    context.print_json({{"request_id", request_id},
                        {"hops", std::move(hops)},
                        {"unreachable", boost::json::value_from(trace.unreachable)}});
}

void print(const Trace& trace) {
    for (const auto& [database, hop] : trace.hops) {
        const std::string when =
            hop.at ? core::format("{} {:>13.3f} ms", core::rfc3339(*hop.at), trace.milliseconds(hop))
                   : core::format("{:>27} {:>16}", "now", "");
        std::cout << core::format("{}  {:12} {:30} {:>8}  {}", when, database,
                                  plain_text(hop.queue.value_or("-")),
                                  hop.msg_id ? std::to_string(*hop.msg_id) : "-", hop.event);
        if (hop.detail) std::cout << ": " << plain_text(*hop.detail, 200);
        std::cout << '\n';
    }
}

awaitable<void> trace_request(Context& context, const QueueOptions& options) {
    const Trace trace = co_await trace_of(context.config, options.request_id);
    for (const std::string_view database : trace.unreachable)
        std::cerr << core::format("singularity: database {} can't be reached\n", database);
    if (trace.hops.empty()) {
        co_return context.fail({core::ErrorCode::not_found,
                                core::format("nothing is known of request \"{}\"", options.request_id),
                                {}});
    }
    if (context.json) print_json(context, trace, options.request_id);
    else print(trace);
}

}  // namespace

void add_queue_trace(CLI::App& queue, Context& context, const std::shared_ptr<QueueOptions>& options) {
    auto* tracing = queue.add_subcommand("trace", "Where a request was and is, hop by hop, in all databases");
    tracing->add_option("REQUEST_ID", options->request_id, "The request_id of its messages")->required();
    tracing->callback([&context, options] { run_on_queues(context, *options, trace_request); });
}

}  // namespace singularity::cli
