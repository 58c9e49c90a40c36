#include "cluster/log_settings.hpp"

#include "core/log.hpp"

namespace singularity::cluster {

namespace {

using core::log::Format;
using core::log::Level;

Level level_of(const std::string& name) {
    if (name == "debug") return Level::debug;
    if (name == "warn") return Level::warn;
    return name == "error" ? Level::error : Level::info;
}

Format format_of(const std::string& name) {
    if (name == "text") return Format::text;
    return name == "json" ? Format::json : Format::automatic;
}

}  // namespace

void configure_log(const core::Config& config, std::string_view part) {
    core::log::configure(level_of(config.log_level), format_of(config.log_format), part);
}

}  // namespace singularity::cluster
