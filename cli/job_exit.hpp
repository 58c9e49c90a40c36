// What a job's verdict is to a script: an exit code, and perhaps a sentence. docs/genesis.md has the table.
#pragma once

#include <string>

#include "messages/job_result.hpp"

namespace singularity::cli {

struct JobExit {
    int code = 0;
    std::string message = {};  // for standard error; empty where the program speaks for itself
};

JobExit exit_of(const messages::JobResult& result);

}  // namespace singularity::cli
