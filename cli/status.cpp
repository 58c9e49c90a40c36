// singularity status: how every part of the backbone is. Exit code 3 where it is not running.
#include <boost/json.hpp>
#include <iostream>

#include "cli/alarms.hpp"
#include "cli/commands.hpp"
#include "cli/plain_text.hpp"
#include "cluster/current_status.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

std::string ago(core::Timestamp since) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(core::now() - since).count();
    if (seconds < 120) return core::format("{} s", seconds);
    if (seconds < 7200) return core::format("{} min", seconds / 60);
    if (seconds < 172'800) return core::format("{} h", seconds / 3600);
    return core::format("{} d", seconds / 86'400);
}

void print_status(const cluster::Status& status) {
    std::cout << core::format("{} is {}", status.home, status.state);
    if (status.http) std::cout << core::format(", console http://{}/", *status.http);
    std::cout << '\n';
    for (const cluster::PartStatus& part : status.services) {
        std::cout << core::format("  {:13} {:10} {:>8}  {:>7}  {}\n", part.name, part.state,
                                  part.pid ? std::to_string(*part.pid) : "-", ago(part.since), part.detail);
    }
}

bool database_runs(const cluster::Status& status) {
    return std::ranges::any_of(status.services, [](const cluster::PartStatus& part) {
        return part.name == "postgresql" && (part.state == "healthy" || part.state == "degraded");
    });
}

void print_bus(const std::optional<BusState>& bus) {
    if (!bus) {
        std::cout << "  alarms can't be read\n";
        return;
    }
    for (const Alarm& alarm : bus->alarms)
        std::cout << core::format("  alarm: {}\n", plain_text(to_line(alarm)));
    for (const std::string& queue : bus->paused)
        std::cout << core::format("  paused: {}\n", plain_text(queue));
}

void show_status(Context& context) {
    const auto home = cluster::Home::at(context.config.home);
    if (!home) return context.fail(home.error());
    const auto status = cluster::current_status(*home);
    if (!status) return context.fail(status.error());
    const bool may_ask = database_runs(*status);
    const auto bus = may_ask ? bus_now(context.config) : std::nullopt;
    if (context.json) {
        boost::json::value answer = cluster::to_json(*status);
        answer.as_object()["alarms"] = bus ? boost::json::value(to_json(bus->alarms)) : nullptr;
        answer.as_object()["paused"] = bus ? boost::json::value_from(bus->paused) : nullptr;
        context.print_json(answer);
    } else {
        print_status(*status);
        if (may_ask) print_bus(bus);
    }
    if (status->state == "stopped") context.exit_code = core::exit_code(core::ErrorCode::not_running);
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
    app.add_subcommand("status", "How every part of the backbone is")->callback([&context] {
        show_status(context);
    });
}

}  // namespace singularity::cli
