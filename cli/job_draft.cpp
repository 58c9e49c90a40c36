#include "cli/job_draft.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/format.hpp"
#include "messages/utf8.hpp"
#include "services/genesis/job_encoding.hpp"
#include "services/genesis/job_limits.hpp"

namespace singularity::cli {

namespace {

using core::ErrorCode;
using services::genesis::Languages;

constexpr std::size_t kMostRead = 32 * 1024 * 1024;  // no message can be longer

core::Expected<std::string> read_all(int descriptor, const std::string& what) {
    std::string bytes;
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(descriptor, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return core::failure(ErrorCode::invalid_input, core::format("{} can't be read", what));
        if (got == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(got));
        if (bytes.size() > kMostRead)
            return core::failure(ErrorCode::invalid_input,
                                 core::format("{} is longer than {} MB", what, kMostRead >> 20));
    }
}

core::Expected<std::string> content_of(const std::string& path) {
    std::error_code wrong;
    if (std::filesystem::is_directory(path, wrong))
        return core::failure(ErrorCode::invalid_input, core::format("\"{}\" is a folder", path));
    std::ifstream file(path, std::ios::binary);
    if (!file) return core::failure(ErrorCode::invalid_input, core::format("\"{}\" can't be read", path));
    std::string bytes(kMostRead + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (bytes.size() <= kMostRead) return bytes;
    return core::failure(ErrorCode::invalid_input,
                         core::format("\"{}\" is longer than {} MB", path, kMostRead >> 20));
}

// "#!/usr/bin/env -S python3 -u" is python.
std::string interpreter_in(const std::string& code) {
    if (!code.starts_with("#!")) return {};
    const std::string line = code.substr(2, code.find('\n') - 2);
    std::string program;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
        const std::string word = std::filesystem::path(line.substr(at, end - at)).filename().string();
        at = end + 1;
        if (word.empty() || word == "env" || word.starts_with('-') || word.contains('=')) continue;
        program = word;
        break;
    }
    while (!program.empty() &&
           (std::isdigit(static_cast<unsigned char>(program.back())) || program.back() == '.'))
        program.pop_back();
    return program == "sh" ? "bash" : program;
}

core::Expected<void> add_script(messages::JobRequest& request, const JobOptions& options) {
    if (options.script.empty() && !options.code)
        return core::failure(ErrorCode::invalid_input, "a script is needed, or --code");
    if (!options.script.empty() && options.code)
        return core::failure(ErrorCode::invalid_input, "the code is either a script or --code, not both",
                             {"the program's arguments come after --"});
    auto code = options.script.empty()  ? core::Expected<std::string>(*options.code)
                : options.script == "-" ? read_all(STDIN_FILENO, "the code")
                                        : content_of(options.script);
    if (!code) return std::unexpected(std::move(code.error()));
    if (services::genesis::encode(*code).encoding != "utf-8")
        return core::failure(ErrorCode::invalid_input, "the code is no text: it must be UTF-8 without NUL");
    request.code = std::move(*code);
    return {};
}

core::Expected<void> add_files(messages::JobRequest& request, const JobOptions& options) {
    for (const std::string& each : options.files) {
        const auto [name, path] = name_and_path(each);
        auto content = content_of(path);
        if (!content) return std::unexpected(std::move(content.error()));
        auto encoded = services::genesis::encode(*content);
        request.files.push_back({name, std::move(encoded.text), std::move(encoded.encoding)});
    }
    return {};
}

core::Expected<void> add_input(messages::JobRequest& request, const JobOptions& options) {
    if (options.no_input || options.script == "-" || ::isatty(STDIN_FILENO) != 0) return {};
    auto input = read_all(STDIN_FILENO, "the input");
    if (!input) return std::unexpected(std::move(input.error()));
    if (input->empty()) return {};
    auto encoded = services::genesis::encode(*input);
    request.stdin = std::move(encoded.text);
    request.stdin_encoding = std::move(encoded.encoding);
    return {};
}

std::optional<messages::JobLimits> limits_of(const JobOptions& options) {
    messages::JobLimits limits;
    limits.cpu_ms = options.cpu_ms;
    limits.wall_ms = options.wall_ms;
    limits.memory_mb = options.memory_mb;
    limits.processes = options.processes;
    limits.output_kb = options.output_kb;
    const bool any =
        limits.cpu_ms || limits.wall_ms || limits.memory_mb || limits.processes || limits.output_kb;
    return any ? std::optional(limits) : std::nullopt;
}

void set_if(std::optional<std::string>& field, const std::string& text) {
    if (!text.empty()) field = text;
}

}  // namespace

std::pair<std::string, std::string> name_and_path(const std::string& text) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos) return {text, text};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::string language_of(const std::string& path, const std::string& code, const Languages& languages) {
    const std::string ending = std::filesystem::path(path).extension().string();
    for (const auto& language : languages) {
        if (!ending.empty() && std::ranges::contains(language.endings, ending)) return language.name;
    }
    const auto* language = languages.find(interpreter_in(code));
    return language ? language->name : "";
}

core::Expected<messages::JobRequest> draft_of(const JobOptions& options, const Languages& languages) {
    messages::JobRequest request;
    for (const auto& add : {add_script, add_files, add_input}) {
        if (const auto added = add(request, options); !added) return std::unexpected(added.error());
    }
    request.language =
        options.language.empty() ? language_of(options.script, request.code, languages) : options.language;
    if (request.language.empty())
        return core::failure(ErrorCode::invalid_input, "neither ending nor first line tells the language",
                             {core::format("say --language, one of {}", languages.names())});
    request.arguments = options.arguments;
    for (const std::string& each : options.artifacts) request.artifacts.push_back(name_and_path(each).first);
    request.limits = limits_of(options);
    request.priority = options.priority;
    set_if(request.kind, options.kind);
    set_if(request.agent_id, options.agent);
    set_if(request.expires_at, options.expires_at);
    if (options.share) request.share_identical = true;
    return request;
}

}  // namespace singularity::cli
