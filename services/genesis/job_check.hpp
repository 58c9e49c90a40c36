// Whether a job can be run at all, told by field, before anything of it is kept.
#pragma once

#include <optional>

#include "core/error.hpp"
#include "messages/job_request.hpp"
#include "services/genesis/languages/table.hpp"

namespace singularity::services::genesis {

// The error's details have a line for each field that is wrong: "files[2].path: …". Says nothing about what
// is installed on this machine.
std::optional<core::Error> check_job(const messages::JobRequest& request, const Languages& languages);

}  // namespace singularity::services::genesis
