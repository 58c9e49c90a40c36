// The table of settings: one row a key. Internal to core/config.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/config.hpp"

namespace singularity::core {

inline constexpr std::int64_t kMaxRetentionDays = 36'000;  // 100 years, as PostgreSQL compares intervals
inline constexpr std::int64_t kMaxBatch = 1000;            // messages that one read takes

struct Setting {
    std::string_view key;
    std::string_view environment;  // empty: none
    std::string_view description;
    bool secret;
    // Stores the text; a problem is what would be right ("a port from 0 to 65535"), empty when all is well.
    std::string (*set)(Config&, const std::string& text);
    std::string (*get)(const Config&);
};

std::span<const Setting> settings();

}  // namespace singularity::core
