// Files that a job left, as its result tells them.
#pragma once

#include <vector>

#include "messages/job_result.hpp"
#include "sandbox/box.hpp"

namespace singularity::services::genesis {

// One for each that was asked for. A file that was taken has its hash; its content, too, as long as there is
// room for it within `bytes` in all. Any other has its problem.
std::vector<messages::JobArtifact> artifacts_of(const std::vector<sandbox::Artifact>& taken,
                                                std::int64_t bytes);

}  // namespace singularity::services::genesis
