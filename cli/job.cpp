// singularity job: code that runs in the sandbox. The commands are in the files job_*.cpp.
#include "cli/commands.hpp"
#include "cli/job_insights.hpp"
#include "cli/job_options.hpp"

namespace singularity::cli {

void add_job(CLI::App& app, Context& context) {
    auto* job = app.add_subcommand("job", "Code in the sandbox: run it, look at what ran, cancel what runs");
    job->require_subcommand(1);
    add_job_run(*job, context);
    add_job_list(*job, context);
    add_job_show(*job, context);
    add_job_logs(*job, context);
    add_job_cancel(*job, context);
    add_job_insights(*job, context);
}

}  // namespace singularity::cli
