#include "services/runtime/claim.hpp"

#include <algorithm>

namespace singularity::services {

namespace {

const boost::json::value* find_header(const Claim& claim, std::string_view name) {
    if (!claim.headers || !claim.headers->is_object()) return nullptr;
    return claim.headers->get_object().if_contains(name);
}

}  // namespace

std::string_view header(const Claim& claim, std::string_view name) {
    const boost::json::value* found = find_header(claim, name);
    return found && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

int failures(const Claim& claim) {
    const boost::json::value* found = find_header(claim, "x-queue-failed");
    return found && found->is_int64()
               ? static_cast<int>(std::clamp<std::int64_t>(found->get_int64(), 0, 1'000'000))
               : 0;
}

int silent_ends(const Claim& claim) {
    return std::max(0, claim.read_ct - 1 - failures(claim));
}

}  // namespace singularity::services
