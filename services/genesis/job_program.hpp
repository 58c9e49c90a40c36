// What a box is given for a job: the program of a step, and the files.
#pragma once

#include "messages/job_request.hpp"
#include "services/genesis/languages/language.hpp"

namespace singularity::services::genesis {

// Everybody's variables and the step's own, which go before.
std::vector<std::string> environment_of(const Step& step);

// With the job's sources and arguments in their places.
sandbox::Program program_of(const Step& step, const Language& language, const messages::JobRequest& request);

// The code, the job's files and the language's own, as they are laid down. Of a request that was checked.
std::vector<sandbox::File> files_of(const Language& language, const messages::JobRequest& request);

// What stands in a field, by its encoding.
std::string bytes_of(const std::string& content, const std::optional<std::string>& encoding);

}  // namespace singularity::services::genesis
