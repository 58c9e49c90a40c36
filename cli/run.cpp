// singularity run SERVICE: one service in the foreground, as the supervisor and systemd start it.
#include <map>
#include <ranges>

#include "cli/commands.hpp"
#include "cluster/log_settings.hpp"
#include "services/centralcloud/service.hpp"
#include "services/genesis/job_check.hpp"
#include "services/genesis/service.hpp"
#include "services/nexus/service.hpp"
#include "services/singularity/service.hpp"

namespace singularity::cli {

namespace {

using Run = int (*)(const core::Config&);

// What Genesis will refuse, whoever asks by HTTP is told at once.
int run_nexus(const core::Config& config) {
    const auto languages = services::genesis::all_languages(services::genesis::runtimes_folder());
    return services::nexus::run(config, [&languages](const messages::JobRequest& request) {
        return services::genesis::check_job(request, languages);
    });
}

const std::map<std::string, Run> kServices = {
    {"centralcloud", services::centralcloud::run},
    {"genesis", services::genesis::run},
    {"nexus", run_nexus},
    {"singularity", services::instance::run},
};

}  // namespace

void add_run(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("run", "Run one service in the foreground");
    auto service = std::make_shared<std::string>();
    const auto names = std::views::keys(kServices) | std::ranges::to<std::vector<std::string>>();
    command->add_option("SERVICE", *service, "Which one")->required()->check(CLI::IsMember(names));
    command->callback([&context, service] {
        cluster::configure_log(context.config, *service);
        context.exit_code = kServices.at(*service)(context.config);
    });
}

}  // namespace singularity::cli
