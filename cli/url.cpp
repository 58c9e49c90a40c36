// singularity url DATABASE: one libpq URL that psql takes. No server is asked.
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cluster/url.hpp"

namespace singularity::cli {

namespace {

void print_url(Context& context, const std::string& database) {
    const auto url = cluster::database_url(context.config, database);
    if (!url) return context.fail(url.error());
    if (context.json) context.print_json({{"database", database}, {"url", *url}});
    else std::cout << *url << '\n';
}

}  // namespace

void add_url(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("url", "Print the URL of a database for psql and other clients");
    auto database = std::make_shared<std::string>();
    command
        ->add_option("DATABASE", *database,
                     "shared_queue, singularity, centralcloud, genesis, nexus or admin")
        ->required();
    command->callback([&context, database] { print_url(context, *database); });
}

}  // namespace singularity::cli
