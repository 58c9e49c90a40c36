// Every command of the CLI, one file each. Each adds itself to the app.
#pragma once

#include "cli/context.hpp"

namespace singularity::cli {

void add_up(CLI::App& app, Context& context);
void add_down(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_url(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_learn(CLI::App& app, Context& context);
void add_patterns(CLI::App& app, Context& context);
void add_id(CLI::App& app, Context& context);
void add_job(CLI::App& app, Context& context);
void add_queue(CLI::App& app, Context& context);
void add_migrate(CLI::App& app, Context& context);
void add_replication(CLI::App& app, Context& context);

}  // namespace singularity::cli
