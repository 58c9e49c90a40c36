// singularity: the one executable. It reads the configuration and hands over to a command.
#include <iostream>

#include "cli/commands.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/version.hpp"

namespace {

using singularity::cli::Context;
namespace core = singularity::core;

struct GlobalFlags {
    std::string home, http, config_file;
};

// Whoever mistyped a setting must still be able to look and to stop: these need the home alone.
bool goes_without_file(const CLI::App& app) {
    return app.got_subcommand("down") || app.got_subcommand("status");
}

void load_configuration(Context& context, const GlobalFlags& flags, bool goes_without) {
    core::ConfigInputs inputs{.file = {}, .environment = core::environment_variable, .flags = {}};
    if (!flags.home.empty()) inputs.flags["home"] = std::filesystem::absolute(flags.home).string();
    if (!flags.http.empty()) inputs.flags["http"] = flags.http;
    if (!flags.config_file.empty()) {
        context.config_file = std::filesystem::absolute(flags.config_file).string();
        inputs.file = context.config_file;
    }
    auto config = core::load_config(inputs);
    if (!config) {
        context.fail(config.error());
        inputs.reads_file = false;
        if (goes_without) config = core::load_config(inputs);
        if (!config) throw CLI::RuntimeError(context.exit_code);
        context.exit_code = 0;
    }
    context.config = std::move(*config);
}

void add_commands(CLI::App& app, Context& context) {
    using namespace singularity::cli;
    add_up(app, context);
    add_down(app, context);
    add_status(app, context);
    add_doctor(app, context);
    add_learn(app, context);
    add_patterns(app, context);
    add_job(app, context);
    add_queue(app, context);
    add_replication(app, context);
    add_migrate(app, context);
    add_url(app, context);
    add_config(app, context);
    add_id(app, context);
    add_run(app, context);
}

// What the parser says of a word that is no command is that a command is missing.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const auto unknown = app.remaining(true);
    if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr || unknown.empty()) return error.what();
    return core::format("there is no {} \"{}\"", unknown.front().starts_with('-') ? "option" : "command",
                        unknown.front());
}

// Whose own exit codes none of ours may be taken for.
bool runs_a_script(const CLI::App& app) {
    return app.got_subcommand("job") && app.get_subcommand("job")->got_subcommand("run");
}

// "singularity job run", as far as it could be understood.
std::string command_in(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app.get_name() : app.get_name() + " " + command_in(*commands.front());
}

int answer(const CLI::App& app, const CLI::ParseError& error) {
    constexpr int kUsedWrongly = 2, kFailedToRun = 125;
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    std::cerr << core::format("singularity: {}\n  see: {} --help\n", complaint(app, error), command_in(app));
    return runs_a_script(app) ? kFailedToRun : kUsedWrongly;
}

int run(int argc, char** argv) {
    // People read this standard error: of what a command meets and goes on after, nothing. Services say more.
    core::log::configure(core::log::Level::error, core::log::Format::text, "singularity");
    Context context;
    GlobalFlags flags;
    CLI::App app("Singularity: a backbone for fleets of AI agents that needs nothing but PostgreSQL",
                 "singularity");
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string(core::kVersion));
    app.add_option("--home", flags.home, "Where the private cluster lives (SINGULARITY_HOME)");
    app.add_option("--config", flags.config_file, "A TOML file instead of HOME/singularity.toml");
    app.add_option("--http", flags.http, "Where the console and the API listen, such as 127.0.0.1:8600");
    app.add_flag("--json", context.json, "Machine-readable output");
    app.parse_complete_callback([&] { load_configuration(context, flags, goes_without_file(app)); });
    add_commands(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RuntimeError& error) {
        return error.get_exit_code();
    } catch (const CLI::ParseError& error) {
        return answer(app, error);
    }
    if (!std::cout.flush())
        context.fail(
            {core::ErrorCode::failed, "standard output could not be written; the command was done", {}});
    return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "singularity: " << error.what() << '\n';
        return 1;
    }
}
