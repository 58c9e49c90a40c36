#include "core/config.hpp"

#include <unistd.h>

#include <cstdlib>
#include <format>
#include <fstream>
#include <regex>
#include <toml++/toml.hpp>

#include "core/config_settings.hpp"

namespace singularity::core {

namespace {

using Problems = std::vector<std::string>;

const Setting* find_setting(std::string_view key) {
    for (const Setting& setting : settings()) {
        if (setting.key == key) return &setting;
    }
    return nullptr;
}

void apply(Config& config, const Setting& setting, const std::string& text, const std::string& source,
           Problems& problems) {
    const std::string wanted = setting.set(config, text);
    if (wanted.empty()) {
        config.sources[std::string(setting.key)] = source;
    } else {
        const std::string shown = setting.secret ? "its value" : std::format("\"{}\"", redact_url(text));
        problems.push_back(std::format("{} ({}): {} is not {}", setting.key, source, shown, wanted));
    }
}

// Strings, integers and booleans as the text that the environment would give.
std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    return std::nullopt;
}

void apply_table(Config& config, const toml::table& table, const std::string& prefix,
                 const std::string& source, Problems& problems) {
    for (const auto& [name, node] : table) {
        const std::string key = prefix + std::string(name.str());
        if (const toml::table* inner = node.as_table()) {
            apply_table(config, *inner, key + ".", source, problems);
            continue;
        }
        const Setting* setting = find_setting(key);
        const std::string where = std::format("{}, line {}", source, node.source().begin.line);
        if (setting == nullptr) {
            problems.push_back(std::format("{} ({}): there is no such setting", key, where));
        } else if (const auto text = scalar_text(node)) {
            apply(config, *setting, *text, where, problems);
        } else {
            problems.push_back(std::format("{} ({}): a single value is needed", key, where));
        }
    }
}

void apply_file(Config& config, const std::filesystem::path& path, Problems& problems) {
    const std::string source = std::format("file {}", path.string());
    if (!std::ifstream(path)) {
        problems.push_back(std::format("{} cannot be read", source));
        return;
    }
    try {
        apply_table(config, toml::parse_file(path.string()), "", source, problems);
    } catch (const toml::parse_error& error) {
        problems.push_back(std::format("{}, line {}: {}", source, error.source().begin.line,
                                       std::string(error.description())));
    }
}

void apply_environment(Config& config, const ConfigInputs& inputs, Problems& problems) {
    for (const Setting& setting : settings()) {
        if (setting.environment.empty()) continue;
        if (const auto text = inputs.environment(setting.environment)) {
            apply(config, setting, *text, std::format("environment {}", setting.environment), problems);
        }
    }
}

void apply_flags(Config& config, const ConfigInputs& inputs, Problems& problems) {
    for (const auto& [key, text] : inputs.flags) {
        if (const Setting* setting = find_setting(key)) {
            apply(config, *setting, text, std::format("flag --{}", key), problems);
        }
    }
}

// The home decides where the file is, so it is known before the file is read.
std::filesystem::path home_of(const ConfigInputs& inputs) {
    if (const auto flag = inputs.flags.find("home"); flag != inputs.flags.end()) return flag->second;
    if (const auto text = inputs.environment("SINGULARITY_HOME")) return *text;
    return default_home(::geteuid() == 0, inputs.environment("HOME"));
}

}  // namespace

std::filesystem::path default_home(bool root, const std::optional<std::string>& user_home) {
    if (root) return "/var/lib/singularity";
    return std::filesystem::path(user_home.value_or("/")) / ".local/share/singularity";
}

std::optional<std::string> environment_variable(std::string_view name) {
    const char* value =
        std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe): before any thread
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

Expected<Config> load_config(const ConfigInputs& inputs) {
    Config config;
    Problems problems;
    for (const Setting& setting : settings()) config.sources[std::string(setting.key)] = "default";
    config.home = home_of(inputs);
    const std::filesystem::path file = inputs.file.value_or(config.home / "singularity.toml");
    std::error_code ignored;
    if (inputs.file || std::filesystem::exists(file, ignored)) apply_file(config, file, problems);
    apply_environment(config, inputs, problems);
    apply_flags(config, inputs, problems);
    if (problems.empty()) return config;
    return failure(ErrorCode::invalid_input, "the configuration is wrong", std::move(problems));
}

std::vector<EffectiveSetting> effective_settings(const Config& config) {
    std::vector<EffectiveSetting> result;
    for (const Setting& setting : settings()) {
        std::string value = setting.get(config);
        if (setting.secret && !value.empty()) value = "••••";
        const auto source = config.sources.find(std::string(setting.key));
        result.push_back({std::string(setting.key), std::move(value),
                          source == config.sources.end() ? "default" : source->second,
                          std::string(setting.description)});
    }
    return result;
}

std::string redact_url(std::string_view url) {
    static const std::regex in_authority(R"(^([a-z]+://[^:/?#@]*):[^@/?#]*@)");
    static const std::regex in_parameter(R"((password=)('[^']*'|[^&\s]*))");
    const std::string once = std::regex_replace(std::string(url), in_authority, "$1:••••@");
    return std::regex_replace(once, in_parameter, "$1••••");
}

}  // namespace singularity::core
