#include "services/runtime/health.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/notify.hpp"

namespace singularity::services {

void Health::amiss(std::string_view part, std::string_view reason) {
    std::string& known = reasons_[std::string(part)];
    if (known == reason) return;
    if (known.empty()) core::log::warn("health.degraded", {{"part", part}, {"reason", reason}});
    known = reason;
    tell();
}

void Health::well(std::string_view part) {
    const auto found = reasons_.find(part);
    if (found == reasons_.end()) return;
    reasons_.erase(found);
    core::log::info("health.recovered", {{"part", part}});
    tell();
}

void Health::remark(std::string_view text) {
    if (remark_ == text) return;
    remark_ = text;
    if (reasons_.empty()) core::notify_status(remark_);
}

void Health::tell() const {
    if (reasons_.empty()) {
        core::notify_healthy();
        if (!remark_.empty()) core::notify_status(remark_);
        return;
    }
    std::string text;
    for (const auto& [part, reason] : reasons_) text += (text.empty() ? "" : "; ") + part + ": " + reason;
    std::ranges::replace(text, '\n', ' ');  // a newline would end the field
    core::notify_degraded(text);
}

}  // namespace singularity::services
