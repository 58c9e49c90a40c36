#include "services/genesis/job_artifacts.hpp"

#include "core/format.hpp"
#include "services/genesis/job_encoding.hpp"

namespace singularity::services::genesis {

std::vector<messages::JobArtifact> artifacts_of(const std::vector<sandbox::Artifact>& taken,
                                                std::int64_t room) {
    std::vector<messages::JobArtifact> artifacts;
    for (const sandbox::Artifact& file : taken) {
        messages::JobArtifact& artifact = artifacts.emplace_back();
        artifact.path = file.path;
        artifact.bytes = file.bytes;
        if (!file.problem.empty()) {
            artifact.problem = file.problem;
            continue;
        }
        artifact.sha256 = sha256_of(file.content);
        const auto length = static_cast<std::int64_t>(file.content.size());
        if (length > room) {
            artifact.problem = core::format("left out: only {} bytes are left for it", room);
            continue;
        }
        room -= length;
        auto encoded = encode(file.content);
        artifact.content = std::move(encoded.text);
        artifact.encoding = std::move(encoded.encoding);
    }
    return artifacts;
}

}  // namespace singularity::services::genesis
