// What makes two jobs the same: hashes of what is run and of the circumstances.
#pragma once

#include <string>

#include "messages/job_request.hpp"

namespace singularity::services::genesis {

struct JobIdentity {
    std::string code_sha256;   // of language, kind and code
    std::string input_sha256;  // of input, arguments, files, limits and what is to be brought back

    auto operator<=>(const JobIdentity&) const = default;
};

// 64 lower-case hexadecimal digits each. Not of who asks, how urgently, or under which id.
JobIdentity identity_of(const messages::JobRequest& request);

std::string kind_of(const messages::JobRequest& request);

}  // namespace singularity::services::genesis
