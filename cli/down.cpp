// singularity down: stops the backbone and leaves nothing behind, also after everything was killed.
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/sandbox_line.hpp"
#include "cluster/down.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

std::string_view sentence(const cluster::DownResult& result) {
    if (result.was_running) return "stopped";
    if (result.cleaned_up) return "cleaned up after a backbone that had been killed";
    return "nothing was running";
}

void down(Context& context) {
    const auto home = cluster::Home::at(context.config.home);
    if (!home) return context.fail(home.error());
    const sandbox::LauncherWatch launcher(launcher_options(context.config));  // as whoever started it
    const auto result = cluster::down(*home, context.config.postgres_bin_dir,
                                      [](std::string_view what) { std::cerr << what << " …\n"; });
    if (!result) return context.fail(result.error());
    launcher.await_end();
    if (context.json) {
        context.print_json({{"home", home->root().string()},
                            {"was_running", result->was_running},
                            {"cleaned_up", result->cleaned_up}});
    } else {
        std::cout << core::format("{}: {}\n", home->root().string(), sentence(*result));
    }
}

}  // namespace

void add_down(CLI::App& app, Context& context) {
    app.add_subcommand("down", "Stop the backbone and leave nothing behind")->callback([&context] {
        down(context);
    });
}

}  // namespace singularity::cli
