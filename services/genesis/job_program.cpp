#include "services/genesis/job_program.hpp"

#include <algorithm>
#include <ranges>

#include "services/genesis/job_encoding.hpp"

namespace singularity::services::genesis {

namespace {

using Words = std::vector<std::string>;

// A name that a compiler would take for an option, or for a file of options.
std::string as_operand(const std::string& path) {
    return path.starts_with('-') || path.starts_with('@') ? "./" + path : path;
}

Words sources_of(const Language& language, const messages::JobRequest& request) {
    Words sources{language.file};
    for (const messages::JobFile& file : request.files) {
        const auto ends = [&](const std::string& ending) { return file.path.ends_with(ending); };
        if (std::ranges::any_of(language.endings, ends)) sources.push_back(as_operand(file.path));
    }
    return sources;
}

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

bool sets(const Words& environment, std::string_view variable) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    return std::ranges::any_of(environment, [&](const std::string& each) { return each.starts_with(name); });
}

}  // namespace

Words environment_of(const Step& step) {
    Words environment = step.environment;
    for (const char* each : {"PATH=/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8"}) {
        if (!sets(step.environment, each)) environment.emplace_back(each);
    }
    return environment;
}

sandbox::Program program_of(const Step& step, const Language& language, const messages::JobRequest& request) {
    Words arguments;
    for (const std::string& word : step.arguments) {
        if (word == kSources) append(arguments, sources_of(language, request));
        else if (word == kArguments) append(arguments, request.arguments);
        else arguments.push_back(word);
    }
    return {.arguments = std::move(arguments), .environment = environment_of(step)};
}

std::vector<sandbox::File> files_of(const Language& language, const messages::JobRequest& request) {
    std::vector<sandbox::File> files{{language.file, request.code}};
    for (const messages::JobFile& file : request.files) {
        files.push_back({file.path, bytes_of(file.content, file.encoding)});
    }
    for (const sandbox::File& own : language.defaults) {
        if (!std::ranges::contains(files, own.path, &sandbox::File::path)) files.push_back(own);
    }
    return files;
}

std::string bytes_of(const std::string& content, const std::optional<std::string>& encoding) {
    return encoding == "base64" ? from_base64(content).value_or("") : content;
}

}  // namespace singularity::services::genesis
