// A request made of a command line: a script, what goes with it, and how it may run.
#pragma once

#include "cli/job_options.hpp"
#include "core/error.hpp"
#include "messages/job_request.hpp"
#include "services/genesis/languages/table.hpp"

namespace singularity::cli {

// With the code and the files in it; standard input is read where it is not a terminal. invalid_input names
// what is wrong. The request has no id yet.
core::Expected<messages::JobRequest> draft_of(const JobOptions& options,
                                              const services::genesis::Languages& languages);

// The name of the language that a script is written in, by its ending or its first line; empty if neither
// tells.
std::string language_of(const std::string& path, const std::string& code,
                        const services::genesis::Languages& languages);

// "NAME=PATH" in two; the path is the name where there is none.
std::pair<std::string, std::string> name_and_path(const std::string& text);

}  // namespace singularity::cli
