// singularity up: makes the private cluster if it is not there, starts it, migrates, supervises.
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <optional>

#include "cli/commands.hpp"
#include "cli/sandbox_line.hpp"
#include "cluster/databases.hpp"
#include "cluster/detach.hpp"
#include "cluster/log_settings.hpp"
#include "core/format.hpp"
#include "schema/names.hpp"

namespace singularity::cli {

namespace {

constexpr std::string_view kServices[] = {"centralcloud", "singularity", "genesis", "nexus"};

std::vector<std::string> command_of(std::string_view service, const Context& context) {
    std::vector<std::string> words{"run", std::string(service), "--home", context.config.home.string()};
    if (!context.config_file.empty()) words.insert(words.end(), {"--config", context.config_file});
    return words;
}

cluster::Plan plan_for(const Context& context, const cluster::Home& home,
                       std::optional<SandboxLine>& sandbox) {
    const core::Config& config = context.config;
    cluster::Plan plan{.schedule_database = schema::database_of("singularity", config.instance_id).name,
                       .services = {},
                       .probe = cluster::server_probe,
                       .bootstrap = [&config](const cluster::Backbone& backbone) {
                           return cluster::database_bootstrap(backbone, config);
                       }};
    for (const std::string_view service : kServices) {
        plan.services.push_back(
            {.name = std::string(service),
             .arguments = command_of(service, context),
             .environment = {"SINGULARITY_HOME=" + config.home.string(), "SINGULARITY_HTTP=" + config.http}});
    }
    if (sandbox) {
        hand_to(*sandbox, *std::ranges::find(plan.services, "genesis", &cluster::ServiceCommand::name));
        plan.neighbours.push_back(as_neighbour(*sandbox, config, home));
        plan.after = [&sandbox] { end_sandbox(*sandbox); };
    }
    return plan;
}

void greet(const Context& context, const std::optional<std::string>& http) {
    if (context.json) return;
    std::cout << core::format("the backbone in {} is healthy\n", context.config.home.string());
    if (http) std::cout << core::format("console: http://{}/\n", *http);
    std::cout << std::flush;
}

void up_in_background(Context& context, const cluster::Backbone& backbone, const cluster::Plan& plan) {
    const auto healthy = cluster::serve_detached(backbone, context.config, plan);
    if (!healthy) return context.fail(healthy.error());
    if (context.json) context.print_json(cluster::to_json(*healthy));
    greet(context, healthy->http);
}

void up_in_foreground(Context& context, const cluster::Backbone& backbone, const cluster::Plan& plan,
                      cluster::HeldSignals& held) {
    const auto on_healthy = [&] {
        const auto status = cluster::read_status(backbone.home);
        greet(context, status ? status->http : std::nullopt);
    };
    const auto served = cluster::serve(backbone, context.config, plan, held, {.healthy = on_healthy});
    if (!served) context.fail(served.error());
}

void up(Context& context, bool detach) {
    cluster::close_inherited_files();
    cluster::configure_log(context.config);
    auto sandbox = start_sandbox(context.config);  // as whoever we are now: root, for the best
    std::optional<cluster::HeldSignals> held;
    if (!detach) held.emplace();
    const auto backbone = cluster::claim_home(context.config);
    if (backbone) {
        if (sandbox) begin_sandbox(*sandbox, backbone->home);
        const cluster::Plan plan = plan_for(context, backbone->home, sandbox);
        if (detach) up_in_background(context, *backbone, plan);
        else up_in_foreground(context, *backbone, plan, *held);
    } else {
        context.fail(backbone.error());
    }
    // A backbone in the background has a line of its own.
    if (sandbox && (!detach || context.exit_code != 0)) end_sandbox(*sandbox);
}

}  // namespace

void add_up(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("up", "Start the backbone and supervise it until interrupted");
    auto detach = std::make_shared<bool>(false);
    command->add_flag("--detach", *detach, "Return when every part is healthy; the backbone stays");
    command->callback([&context, detach] { up(context, *detach); });
}

}  // namespace singularity::cli
