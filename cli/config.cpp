// singularity config: the effective settings, redacted, with where each value came from.
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "core/format.hpp"

namespace singularity::cli {

namespace {

void print_settings(Context& context) {
    const auto settings = core::effective_settings(context.config);
    if (context.json) {
        boost::json::array rows;
        for (const auto& setting : settings) {
            rows.push_back({{"key", setting.key}, {"value", setting.value}, {"source", setting.source}});
        }
        context.print_json(rows);
        return;
    }
    for (const auto& setting : settings) {
        std::cout << core::format("{:34} {:40} # {}; {}\n", setting.key, setting.value, setting.source,
                                  setting.description);
    }
}

}  // namespace

void add_config(CLI::App& app, Context& context) {
    app.add_subcommand("config", "Print the effective configuration and where each value came from")
        ->callback([&context] { print_settings(context); });
}

}  // namespace singularity::cli
