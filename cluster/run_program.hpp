// Runs a short program to its end and takes what it wrote.
#pragma once

#include <string>
#include <vector>

#include "cluster/process.hpp"

namespace singularity::cluster {

struct ProgramResult {
    ExitStatus status;
    std::string output;  // standard output and standard error
};

// `arguments` begins with the program's path. Blocks. Errors: the program could not be executed.
core::Expected<ProgramResult> run_program(const std::vector<std::string>& arguments);

}  // namespace singularity::cluster
