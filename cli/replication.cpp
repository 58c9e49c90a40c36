// singularity replication status: publications, slots, subscriptions, lag, errors, and one word for it.
#include "schema/replication.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <ranges>

#include "cli/commands.hpp"
#include "cli/operator.hpp"
#include "cli/run_on_database.hpp"
#include "core/format.hpp"
#include "schema/resync.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

void print_tables(const schema::ReplicationState& state) {
    std::cout << "\npublications\n";
    for (const auto& row : state.publications) {
        std::cout << core::format("  {:24} {:32} {}\n", row.name, joined(row.tables), row.publishes);
    }
    std::cout << "\nslots\n";
    for (const auto& row : state.slots) {
        std::cout << core::format("  {:24} {:10} {:12} {:>12} bytes behind {:>12} bytes of WAL kept\n",
                                  row.name, row.active ? "active" : "inactive", row.wal_status,
                                  row.lag_bytes.value_or(0), row.retained_bytes.value_or(0));
    }
    std::cout << "\nsubscriptions\n";
    for (const auto& row : state.subscriptions) {
        std::cout << core::format("  {:24} {:16} {:12} {} apply errors, {} copy errors\n", row.name,
                                  row.database,
                                  !row.enabled                ? "disabled"
                                  : !row.running              ? "not running"
                                  : row.tables_not_ready == 0 ? "running"
                                                              : "copying",
                                  row.apply_errors, row.sync_errors);
    }
}

awaitable<void> status(Context& context) {
    const std::string& instance = context.config.instance_id;
    const auto state = co_await schema::replication_state(
        instance, [&context](std::string_view part) { return operator_address(context.config, part); });
    const auto health = schema::judge(state, schema::subscriptions_of(instance));
    if (health.status != "healthy") context.exit_code = core::exit_code(core::ErrorCode::failed);
    if (context.json) {
        context.print_json(schema::to_json(state, health));
        co_return;
    }
    std::cout << "replication is " << health.status << '\n';
    for (const std::string& reason : health.reasons) std::cout << "  " << reason << '\n';
    print_tables(state);
}

std::string names_of(const std::vector<schema::Subscription>& subscriptions) {
    return joined(subscriptions | std::views::transform(&schema::Subscription::name) |
                  std::ranges::to<std::vector<std::string>>());
}

awaitable<void> copy_anew(Context& context, const schema::Subscription& subscription) {
    const auto publisher = co_await connect_as_operator(context.config, "centralcloud");
    const auto subscriber = co_await connect_as_operator(context.config, subscription.part);
    if (const auto begun = co_await schema::resync(*publisher, *subscriber, subscription); !begun) {
        co_return context.fail(begun.error());
    }
    if (!co_await schema::wait_for_copy(*subscriber, subscription)) {
        co_return context.fail({core::ErrorCode::timeout,
                                "the copy has begun and is not complete after a minute",
                                {"see: singularity replication status"}});
    }
    if (context.json) context.print_json({{"subscription", subscription.name}, {"copied", true}});
    else std::cout << core::format("{}: {} is copied anew\n", subscription.name, subscription.replica);
}

awaitable<void> resync(Context& context, const std::string& name) {
    const auto all = schema::subscriptions_of(context.config.instance_id);
    const auto found = std::ranges::find(all, name, &schema::Subscription::name);
    if (found == all.end()) {
        co_return context.fail({core::ErrorCode::not_found,
                                core::format("there is no subscription \"{}\"", name),
                                {core::format("there are: {}", names_of(all))}});
    }
    co_await copy_anew(context, *found);
}

}  // namespace

void add_replication(CLI::App& app, Context& context) {
    auto* replication =
        app.add_subcommand("replication", "What CentralCloud publishes and who follows: status, resync");
    replication->require_subcommand(1);
    replication->add_subcommand("status", "Publications, slots, subscriptions, lag; exit code 0 if healthy")
        ->callback([&context] { run_on_database(context, [&] { return status(context); }); });
    auto* copying = replication->add_subcommand("resync", "Empty a replica and copy it anew");
    auto name = std::make_shared<std::string>();
    copying->add_option("SUBSCRIPTION", *name, "As status names it, such as patterns_sub")->required();
    copying->callback([&context, name] { run_on_database(context, [&] { return resync(context, *name); }); });
}

}  // namespace singularity::cli
