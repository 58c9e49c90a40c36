#include "core/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "core/clock.hpp"
#include "core/format.hpp"

namespace singularity::core::log {

namespace {

struct Settings {
    Level level = Level::info;
    bool json = ::isatty(STDERR_FILENO) == 0;
    std::string service = "singularity";
};

Settings& settings() {
    static Settings instance;
    return instance;
}

spdlog::logger& sink() {
    static const auto logger = [] {
        auto made = std::make_shared<spdlog::logger>("singularity",
                                                     std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        return made;
    }();
    return *logger;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    return "info";
}

std::string text_of(const Value& value) {
    return std::visit([](const auto& held) { return core::format("{}", held); }, value.get());
}

bool needs_quotes(std::string_view text) {
    return text.empty() || text.find_first_of(" \t\n\"=") != std::string_view::npos;
}

}  // namespace

void configure(Level level, Format format, std::string_view service) {
    Settings& current = settings();
    current.level = level;
    current.service = service;
    current.json = format == Format::json || (format == Format::automatic && ::isatty(STDERR_FILENO) == 0);
}

void write(Level level, std::string_view event, Fields fields) {
    const Settings& current = settings();
    if (level < current.level) return;
    const std::string time = rfc3339(now());
    const auto render = current.json ? as_json : as_text;
    sink().info("{}", render(level, time, current.service, event, fields));
}

std::string as_text(Level level, std::string_view time, std::string_view service, std::string_view event,
                    Fields fields) {
    const std::string_view clock = time.size() > 23 ? time.substr(11, 12) : time;
    std::string line = core::format("{} {:5} {:12} {}", clock, name_of(level), service, event);
    for (const Field& field : fields) {
        const std::string value = text_of(field.value);
        if (needs_quotes(value)) {
            line += core::format(" {}={}", field.key, boost::json::serialize(boost::json::string(value)));
        } else {
            line += core::format(" {}={}", field.key, value);
        }
    }
    return line;
}

std::string as_json(Level level, std::string_view time, std::string_view service, std::string_view event,
                    Fields fields) {
    boost::json::object line{
        {"time", time}, {"level", name_of(level)}, {"service", service}, {"event", event}};
    for (const Field& field : fields) {
        std::visit([&](const auto& held) { line[field.key] = held; }, field.value.get());
    }
    return boost::json::serialize(line);
}

}  // namespace singularity::core::log
