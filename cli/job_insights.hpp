// singularity job insights: what was learned from runs, and limits for the next one.
#pragma once

#include "cli/context.hpp"

namespace singularity::cli {

void add_job_insights(CLI::App& job, Context& context);

}  // namespace singularity::cli
