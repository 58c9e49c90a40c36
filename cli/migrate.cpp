// singularity migrate status|up: the schemas of the databases, and what this program would change in them.
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/operator.hpp"
#include "cli/run_on_database.hpp"
#include "core/format.hpp"
#include "pgclient/migrator.hpp"
#include "schema/migrations.hpp"
#include "schema/names.hpp"

namespace singularity::cli {

namespace {

using boost::asio::awaitable;

std::string_view word(pgclient::MigrationState state) {
    switch (state) {
        case pgclient::MigrationState::pending: return "pending";
        case pgclient::MigrationState::running: return "interrupted";
        case pgclient::MigrationState::applied: return "applied";
    }
    return "unknown";
}

void print_status(Context& context, const std::string& database, const pgclient::MigrationStatus& status,
                  boost::json::array& rows) {
    for (const auto& line : status.lines) {
        if (context.json) {
            rows.push_back({{"database", database},
                            {"version", line.version},
                            {"name", line.name},
                            {"state", word(line.state)}});
        } else {
            std::cout << core::format("{:14} {:44} {}\n", database, line.name, word(line.state));
        }
    }
    if (status.refusal) context.fail(*status.refusal);
}

awaitable<void> show(Context& context) {
    boost::json::array rows;
    for (const std::string_view part : schema::parts()) {
        const auto session = co_await connect_as_operator(context.config, part);
        const auto migrations = schema::migrations_of(part);
        pgclient::Migrator migrator(*session, migrations);
        print_status(context, schema::database_of(part, context.config.instance_id).name,
                     co_await migrator.status(), rows);
    }
    if (context.json) context.print_json(rows);
}

awaitable<void> apply(Context& context) {
    boost::json::array rows;
    for (const std::string_view part : schema::parts()) {
        const std::string database = schema::database_of(part, context.config.instance_id).name;
        const auto session = co_await connect_as_operator(context.config, part);
        const auto migrations = schema::migrations_of(part);
        pgclient::Migrator migrator(*session, migrations);
        const auto applied = co_await migrator.apply();
        if (!applied) {
            context.fail(applied.error());
            co_return;
        }
        for (const auto& migration : *applied) {
            rows.push_back(
                {{"database", database}, {"version", migration.version}, {"name", migration.name}});
            if (!context.json) std::cout << core::format("{:14} {:44} applied\n", database, migration.name);
        }
    }
    if (context.json) context.print_json(rows);
    else if (rows.empty()) std::cout << "every database is up to date\n";
}

}  // namespace

void add_migrate(CLI::App& app, Context& context) {
    auto* migrate = app.add_subcommand("migrate", "The schemas of the databases: status, up");
    migrate->require_subcommand(1);
    migrate->add_subcommand("status", "Which migrations are applied, and which would be")
        ->callback([&context] { run_on_database(context, [&] { return show(context); }); });
    migrate->add_subcommand("up", "Apply what is missing; \"singularity up\" does it too")
        ->callback([&context] { run_on_database(context, [&] { return apply(context); }); });
}

}  // namespace singularity::cli
