#include "core/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <toml++/toml.hpp>

#include "core/config_queues.hpp"
#include "core/config_settings.hpp"
#include "core/format.hpp"

namespace singularity::core {

namespace {

using Problems = std::vector<std::string>;

// A table [http] has no room for a key "http" beside it.
const Setting* find_setting(std::string_view key) {
    if (key == "http.address") key = "http";
    for (const Setting& setting : settings()) {
        if (setting.key == key) return &setting;
    }
    return nullptr;
}

struct Given {
    std::string text;
    std::string source;
};

// `wanted` is what would have been right; empty where all is well.
void note(Config& config, const std::string& key, const Given& given, const std::string& wanted, bool secret,
          Problems& problems) {
    if (wanted.empty()) {
        config.sources[key] = given.source;
        return;
    }
    const std::string shown = secret ? "its value" : core::format("\"{}\"", redact_url(given.text));
    problems.push_back(core::format("{} ({}): {} is not {}", key, given.source, shown, wanted));
}

void apply(Config& config, const Setting& setting, const Given& given, Problems& problems) {
    note(config, std::string(setting.key), given, setting.set(config, given.text), setting.secret, problems);
}

// False if there is no such key. The queue's name has been checked.
bool apply_to_queue(Config& config, const std::string& key, const Given& given, Problems& problems) {
    const auto part = queue_key(key);
    if (!part) return false;
    const QueueField* field = find_queue_field(part->queue, part->field);
    if (field == nullptr) return false;
    note(config, key, given, field->set(config.queues[part->queue], given.text), false, problems);
    return true;
}

// Strings, numbers and booleans as the text that the environment would give.
std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto number = node.value_exact<double>()) return core::format("{}", *number);
    if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    return std::nullopt;
}

void apply_value(Config& config, const toml::node& node, const std::string& key, const std::string& where,
                 Problems& problems) {
    const auto text = scalar_text(node);
    const Setting* setting = find_setting(key);
    if (!text && (setting != nullptr || queue_key(key))) {
        problems.push_back(core::format("{} ({}): a single value is needed", key, where));
    } else if (setting != nullptr) {
        apply(config, *setting, {.text = *text, .source = where}, problems);
    } else if (!text || !apply_to_queue(config, key, {.text = *text, .source = where}, problems)) {
        problems.push_back(core::format("{} ({}): there is no such setting", key, where));
    }
}

std::string known_queues() {
    std::string names;
    for (const std::string_view name : queue_names())
        names += core::format("{} {}", names.empty() ? "" : ",", name);
    return names;
}

void apply_table(Config& config, const toml::table& table, const std::string& prefix,
                 const std::string& source, Problems& problems) {
    for (const auto& [name, node] : table) {
        const std::string key = prefix + std::string(name.str());
        const std::string where = core::format("{}, line {}", source, node.source().begin.line);
        const toml::table* inner = node.as_table();
        if (inner == nullptr) {
            apply_value(config, node, key, where, problems);
        } else if (prefix == "queues." && !std::ranges::contains(queue_names(), name.str())) {
            problems.push_back(
                core::format("{} ({}): there is no such queue; there are{}", key, where, known_queues()));
        } else {
            apply_table(config, *inner, key + ".", source, problems);
        }
    }
}

void apply_file(Config& config, const std::filesystem::path& path, Problems& problems) {
    const std::string source = core::format("file {}", path.string());
    if (!std::ifstream(path)) {
        problems.push_back(core::format("{} cannot be read", source));
        return;
    }
    try {
        apply_table(config, toml::parse_file(path.string()), "", source, problems);
    } catch (const toml::parse_error& error) {
        problems.push_back(core::format("{}, line {}: {}", source, error.source().begin.line,
                                        std::string(error.description())));
    }
}

void apply_environment(Config& config, const ConfigInputs& inputs, Problems& problems) {
    for (const Setting& setting : settings()) {
        if (setting.environment.empty()) continue;
        if (const auto text = inputs.environment(setting.environment)) {
            apply(config, setting,
                  {.text = *text, .source = core::format("environment {}", setting.environment)}, problems);
        }
    }
}

void apply_flags(Config& config, const ConfigInputs& inputs, Problems& problems) {
    for (const auto& [key, text] : inputs.flags) {
        if (const Setting* setting = find_setting(key)) {
            apply(config, *setting, {.text = text, .source = core::format("flag --{}", key)}, problems);
        }
    }
}

// RFC 3986's unreserved characters stay as they are.
std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
                           std::string_view("-._~").contains(character);
        result += plain ? std::string(1, character) : core::format("%{:02X}", byte);
    }
    return result;
}

// As a parameter the host may be a socket's folder or an IPv6 address.
void address_shared_queue(Config& config) {
    if (config.shared_queue_host.empty() || config.database_urls.contains("shared_queue")) return;
    const std::string password =
        config.shared_queue_password.empty() ? "" : ":" + percent_encoded(config.shared_queue_password);
    config.database_urls["shared_queue"] =
        core::format("postgresql://{}{}@/{}?host={}&port={}", percent_encoded(config.shared_queue_user),
                     password, percent_encoded(config.shared_queue_db),
                     percent_encoded(config.shared_queue_host), config.shared_queue_port);
    config.sources["databases.shared_queue"] = "shared_queue.host";
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
    config.queues = default_queues();
    for (const Setting& setting : settings()) config.sources[std::string(setting.key)] = "default";
    config.home = home_of(inputs);
    const std::filesystem::path file = inputs.file.value_or(config.home / "singularity.toml");
    std::error_code ignored;
    if (inputs.reads_file && (inputs.file || std::filesystem::exists(file, ignored)))
        apply_file(config, file, problems);
    apply_environment(config, inputs, problems);
    apply_flags(config, inputs, problems);
    address_shared_queue(config);
    if (problems.empty()) return config;
    return failure(ErrorCode::invalid_input, "the configuration is wrong", std::move(problems));
}

std::vector<EffectiveSetting> effective_settings(const Config& config) {
    std::vector<EffectiveSetting> result;
    const auto add = [&](std::string key, std::string value, std::string_view description) {
        const auto source = config.sources.find(key);
        result.push_back({std::move(key), std::move(value),
                          source == config.sources.end() ? "default" : source->second,
                          std::string(description)});
    };
    for (const Setting& setting : settings()) {
        std::string value = setting.get(config);
        if (setting.secret && !value.empty()) value = "••••";
        add(std::string(setting.key), std::move(value), setting.description);
    }
    for (const auto& [name, queue] : config.queues) {
        for (const QueueField& field : queue_fields()) {
            if (auto value = field.get(queue)) {
                add(core::format("queues.{}.{}", name, field.key), std::move(*value), field.description);
            }
        }
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
