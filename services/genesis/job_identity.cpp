#include "services/genesis/job_identity.hpp"

#include <sodium.h>

#include <array>
#include <boost/json.hpp>

#include "messages/json_mapping.hpp"

namespace singularity::services::genesis {

namespace {

std::string sha256(const std::string& bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    std::string text(2 * hash.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
}

}  // namespace

std::string kind_of(const messages::JobRequest& request) {
    return request.kind.value_or("run");
}

// As JSON, which keeps apart what a concatenation would not.
JobIdentity identity_of(const messages::JobRequest& request) {
    const auto whole = messages::to_json(request);
    boost::json::object input;
    for (const std::string_view field :
         {"stdin", "stdin_encoding", "arguments", "files", "artifacts", "limits", "compile_limits"}) {
        if (const auto* value = whole.if_contains(field)) input[field] = *value;
    }
    const boost::json::array code{request.language, kind_of(request), request.code};
    return {sha256(boost::json::serialize(code)), sha256(boost::json::serialize(input))};
}

}  // namespace singularity::services::genesis
