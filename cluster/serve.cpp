#include "cluster/serve.hpp"

#include <chrono>
#include <csignal>

#include "cluster/access.hpp"
#include "cluster/initdb.hpp"
#include "cluster/prepare_home.hpp"
#include "cluster/settings.hpp"
#include "cluster/sockets.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace singularity::cluster {

namespace {

namespace log = core::log;
using Clock = std::chrono::steady_clock;

std::int64_t milliseconds_since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// So that `status` has something to say while initdb runs.
void show_beginning(const Home& home) {
    Status status = stopped_status(home);
    status.state = "starting";
    status.supervisor_pid = ::getpid();
    status.services.push_back({"postgresql", "starting", {}, core::now(), "making the cluster"});
    if (auto written = write_status(home, status); !written) {
        log::warn("status.unwritten", {{"reason", written.error().message}});
    }
}

core::Expected<void> write_cluster_files(const Backbone& backbone, const core::Config& config,
                                         const Plan& plan) {
    const SettingsInputs settings{
        .home = backbone.home,
        .binaries = backbone.binaries,
        .sockets = backbone.sockets,
        .schedule_database = plan.schedule_database,
        .shared_buffers = config.postgres_shared_buffers,
        .max_slot_wal_keep_size = config.postgres_max_slot_wal_keep_size,
        .lists_output_plugins = knows_setting(backbone.binaries, "output_plugin_libraries"),
    };
    return write_settings(settings)
        .and_then([&] { return write_access(backbone.home, backbone.account.name); })
        .and_then([&] { return install_extensions(backbone.home, backbone.extensions); })
        .transform([](int written) { log::info("extensions.installed", {{"files", written}}); });
}

core::Expected<void> prepare_cluster(const Backbone& backbone, const core::Config& config, const Plan& plan) {
    const auto start = Clock::now();
    const auto made = make_cluster(backbone.home, backbone.binaries);
    if (!made) return std::unexpected(made.error());
    if (*made) log::info("up.phase", {{"phase", "initdb"}, {"ms", milliseconds_since(start)}});
    const auto files_start = Clock::now();
    return write_cluster_files(backbone, config, plan).transform([&] {
        log::info("up.phase", {{"phase", "files"}, {"ms", milliseconds_since(files_start)}});
    });
}

PartSpec server_part(const Backbone& backbone) {
    return {
        .name = "postgresql",
        .command = {.program = backbone.binaries.postgres().string(),
                    .arguments = {backbone.binaries.postgres().string(), "-D", backbone.home.data().string()},
                    .environment = child_environment({}),
                    .death_signal = SIGINT,  // a fast shutdown
                    .no_new_privileges = true},
        .log = backbone.home.log_of("postgresql"),
        .stop_signal = SIGINT,
        .kill_signal = SIGQUIT,  // at once, with recovery at the next start; never SIGKILL
        .limits = {.stop = std::chrono::seconds(60)},
        .before_start = {}};
}

PartSpec service_part(const Backbone& backbone, const ServiceCommand& service) {
    std::vector<std::string> arguments = {own_program().string()};
    arguments.insert(arguments.end(), service.arguments.begin(), service.arguments.end());
    std::vector<std::string> environment = service.environment;
    environment.push_back(core::format("NOTIFY_SOCKET={}", notify_socket(backbone.sockets).string()));
    return {.name = service.name,
            .command = {.program = "/proc/self/exe",
                        .arguments = std::move(arguments),
                        .environment = child_environment(environment),
                        .passed = service.passed,
                        // With the server, which ends at the same time, there is nobody to end in order with.
                        .death_signal = SIGKILL},
            .log = backbone.home.log_of(service.name),
            .limits = {.start = std::chrono::seconds(90), .stop = std::chrono::seconds(15)},
            .before_start = {}};
}

core::Expected<void> prepare(const Backbone& backbone, const core::Config& config, const Plan& plan) {
    show_beginning(backbone.home);
    auto prepared = prepare_cluster(backbone, config, plan);
    if (!prepared) log::error("up.failed", {{"reason", prepared.error().message}});
    return prepared;
}

// `held` signals reach the supervisor as soon as it listens.
core::Expected<void> supervise(const Backbone& backbone, const Plan& plan, const Announce& announce,
                               HeldSignals& held, Clock::time_point start) {
    SupervisorOptions options{.home = backbone.home,
                              .sockets = backbone.sockets,
                              .server = server_part(backbone),
                              .services = {},
                              .neighbours = plan.neighbours,
                              .probe = plan.probe(backbone),
                              .bootstrap = plan.bootstrap(backbone),
                              .on_healthy = {},
                              .on_given_up = announce.given_up};
    for (const ServiceCommand& service : plan.services)
        options.services.push_back(service_part(backbone, service));
    options.on_healthy = [&] {
        log::info("up.healthy", {{"home", backbone.home.root().string()}, {"ms", milliseconds_since(start)}});
        announce.healthy();
    };
    Supervisor supervisor(std::move(options));
    held.release();
    return supervisor.run();
}

}  // namespace

core::Expected<void> serve(const Backbone& backbone, const core::Config& config, const Plan& plan,
                           HeldSignals& held, Announce announce) {
    const auto start = Clock::now();
    auto outcome = prepare(backbone, config, plan);
    if (outcome && !held.take()) {
        outcome = supervise(backbone, plan, announce, held, start);
    } else if (auto written = write_status(backbone.home, stopped_status(backbone.home)); !written) {
        log::warn("status.unwritten", {{"reason", written.error().message}});
    }
    plan.after();
    remove_sockets(backbone.home, backbone.sockets);
    return outcome;
}

}  // namespace singularity::cluster
