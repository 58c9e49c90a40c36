// A backbone whose services do as they are told: the real up, down, status, doctor and url, with small
// children in the services' places.
//
// A child speaks the notify protocol and otherwise waits for SIGTERM. What it does besides is the text
// of HOME/state/behaviour.NAME, read when it starts: "crash" (exits with 1 after a complaint), "silent"
// (never says that it is ready), "degraded" (says so), "deaf" (ignores SIGTERM).
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "cli/commands.hpp"
#include "cluster/home.hpp"
#include "cluster/replace_file.hpp"
#include "core/log.hpp"
#include "core/notify.hpp"

namespace {

using singularity::cli::Context;
namespace cli = singularity::cli;
namespace cluster = singularity::cluster;
namespace core = singularity::core;

void block_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

void wait_for_sigterm() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    ::sigaddset(&wanted, SIGTERM);
    int signal = 0;
    ::sigwait(&wanted, &signal);
}

int be_service(const Context& context, const std::string& name) {
    block_signals();
    const auto home = cluster::Home::at(context.config.home).value();
    const std::string behaviour = cluster::read_file(home.state() / ("behaviour." + name)).value_or("");
    if (behaviour == "crash") {
        core::log::error("service.failed", {{"reason", "told to"}});
        return 1;
    }
    if (behaviour == "degraded") core::notify_degraded("told to");
    if (name == "nexus") core::notify_field("X_SINGULARITY_HTTP", "127.0.0.1:40123");
    if (behaviour != "silent") core::notify_ready();
    if (behaviour == "deaf") ::pause();
    wait_for_sigterm();
    return 0;
}

void load(Context& context, const std::string& home) {
    core::ConfigInputs inputs{.file = {}, .environment = core::environment_variable, .flags = {}};
    if (!home.empty()) inputs.flags["home"] = home;
    auto config = core::load_config(inputs);
    if (config) {
        context.config = std::move(*config);
        return;
    }
    context.fail(config.error());
    throw CLI::RuntimeError(context.exit_code);
}

}  // namespace

namespace singularity::cli {

void add_run(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("run", "Be a service");
    auto name = std::make_shared<std::string>();
    command->add_option("SERVICE", *name)->required();
    command->callback([&context, name] { context.exit_code = be_service(context, *name); });
}

}  // namespace singularity::cli

int run(int argc, char** argv) {
    Context context;
    std::string home;
    CLI::App app("A backbone for tests", "singularity");
    app.fallthrough();
    app.require_subcommand(1);
    app.add_option("--home", home);
    app.add_option("--config", context.config_file);
    app.add_flag("--json", context.json);
    app.parse_complete_callback([&] { load(context, home); });
    cli::add_up(app, context);
    cli::add_down(app, context);
    cli::add_status(app, context);
    cli::add_doctor(app, context);
    cli::add_url(app, context);
    cli::add_run(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RuntimeError& error) {
        return error.get_exit_code();
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return context.exit_code;
}

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fputs(error.what(), stderr);
        return 1;
    }
}
