#include "services/genesis/job_check.hpp"

#include <algorithm>
#include <ranges>

#include "core/format.hpp"
#include "messages/times.hpp"
#include "messages/utf8.hpp"
#include "services/genesis/job_encoding.hpp"
#include "services/genesis/job_limits.hpp"
#include "services/genesis/job_paths.hpp"

namespace singularity::services::genesis {

namespace {

using messages::JobRequest;
using Problems = std::vector<std::string>;

void refuse(Problems& problems, std::string_view field, std::string_view why) {
    if (!why.empty()) problems.push_back(core::format("{}: {}", field, why));
}

bool among(const std::optional<std::string>& value, std::initializer_list<std::string_view> known) {
    return !value || std::ranges::contains(known, *value);
}

void check_code(const JobRequest& request, Problems& problems) {
    if (request.code.empty()) return refuse(problems, "code", "there is none");
    if (request.code.size() > kMaxCode) {
        return refuse(problems, "code",
                      core::format("is {} bytes long, and can be {}", request.code.size(), kMaxCode));
    }
    refuse(problems, "code", fault_text(messages::fault_of(request.code)));
}

// Content in either encoding; returns how many bytes it has once it is decoded.
std::size_t check_content(std::string_view field, const std::string& content, std::string_view encoding_field,
                          const std::optional<std::string>& encoding, Problems& problems) {
    if (!among(encoding, {"utf-8", "base64"})) {
        refuse(problems, encoding_field,
               core::format("is '{}', and can be utf-8 or base64", as_text(*encoding)));
        return content.size();
    }
    if (encoding.value_or("utf-8") == "utf-8") {
        refuse(problems, field, fault_text(messages::fault_of(content)));
        return content.size();
    }
    const auto bytes = from_base64(content);
    if (!bytes) refuse(problems, field, "is not base64");
    return bytes ? bytes->size() : content.size();
}

void check_input(const JobRequest& request, Problems& problems) {
    if (request.stdin && request.stdin->size() > kMaxInput * 4 / 3 + 4) {
        return refuse(problems, "stdin",
                      core::format("is {} bytes long, and can be {}", request.stdin->size(), kMaxInput));
    }
    const auto bytes = check_content("stdin", request.stdin.value_or(""), "stdin_encoding",
                                     request.stdin_encoding, problems);
    if (bytes > kMaxInput)
        refuse(problems, "stdin", core::format("is {} bytes long, and can be {}", bytes, kMaxInput));
}

void check_arguments(const JobRequest& request, Problems& problems) {
    const auto& arguments = request.arguments;
    if (arguments.size() > kMaxArguments) {
        return refuse(problems, "arguments",
                      core::format("are {}, and can be {}", arguments.size(), kMaxArguments));
    }
    std::size_t in_all = 0;
    for (const auto& [number, argument] : std::views::enumerate(arguments)) {
        const std::string field = core::format("arguments[{}]", number);
        in_all += argument.size();
        if (argument.size() <= kMaxArgument)
            refuse(problems, field, fault_text(messages::fault_of(argument)));
        else
            refuse(problems, field,
                   core::format("is {} bytes long, and can be {}", argument.size(), kMaxArgument));
    }
    if (in_all > kMaxArgumentsInAll) {
        refuse(problems, "arguments",
               core::format("are {} bytes long, and can be {}", in_all, kMaxArgumentsInAll));
    }
}

// Room is needed for them, for the code and for what becomes of it.
std::size_t room_of(const JobRequest& request) {
    const auto asked = request.limits ? request.limits->workspace_mb : std::nullopt;
    return asked && *asked > 0 ? static_cast<std::size_t>(*asked) * sandbox::kMiB / 2 : kMaxFilesInAll;
}

void check_files(const JobRequest& request, const Language* language, Problems& problems) {
    const auto& files = request.files;
    if (files.size() > kMaxFiles) {
        return refuse(problems, "files", core::format("are {}, and can be {}", files.size(), kMaxFiles));
    }
    JobPaths paths(language != nullptr ? language->file : "");
    std::size_t in_all = 0;
    for (const auto& [number, file] : std::views::enumerate(files)) {
        const std::string field = core::format("files[{}].path", number);
        const std::string wrong = refuse_path(file.path);
        refuse(problems, field, wrong.empty() ? paths.add(file.path) : wrong);
        in_all += file.content.size();
    }
    const std::size_t room = std::min(kMaxFilesInAll, room_of(request));
    if (in_all > room * 4 / 3) {
        return refuse(problems, "files",
                      core::format("are {} bytes long in all, and can be {}", in_all, room));
    }
    in_all = 0;
    for (const auto& [number, file] : std::views::enumerate(files)) {
        in_all += check_content(core::format("files[{}].content", number), file.content,
                                core::format("files[{}].encoding", number), file.encoding, problems);
    }
    if (in_all > room) {
        refuse(problems, "files", core::format("are {} bytes long in all, and can be {}", in_all, room));
    }
}

void check_artifacts(const JobRequest& request, Problems& problems) {
    const auto& artifacts = request.artifacts;
    if (artifacts.size() > kMaxArtifacts) {
        return refuse(problems, "artifacts",
                      core::format("are {}, and can be {}", artifacts.size(), kMaxArtifacts));
    }
    for (const auto& [number, path] : std::views::enumerate(artifacts)) {
        refuse(problems, core::format("artifacts[{}]", number), refuse_path(path));
    }
}

void check_expiry(const std::optional<std::string>& expires_at, Problems& problems) {
    if (expires_at && !messages::is_time(*expires_at))
        refuse(problems, "expires_at",
               core::format("is '{}', and must be a time such as 2026-11-21T10:37:31Z",
                            as_text(std::string_view(*expires_at).substr(0, 64))));
}

void check_limits(std::string_view name, const std::optional<messages::JobLimits>& limits,
                  Problems& problems) {
    if (!limits) return;
    for (const Bound& bound : kBounds) {
        const auto value = *limits.*bound.member;
        if (!value || (*value >= bound.least && *value <= bound.most)) continue;
        refuse(problems, core::format("{}.{}", name, bound.field),
               core::format("is {}, and can be {} to {}", *value, bound.least, bound.most));
    }
}

}  // namespace

std::optional<core::Error> check_job(const JobRequest& request, const Languages& languages) {
    Problems problems;
    const Language* language = languages.find(request.language);
    if (language == nullptr) {
        const std::string told = as_text(std::string_view(request.language).substr(0, 100));
        refuse(problems, "language", core::format("'{}' is unknown; known are {}", told, languages.names()));
    }
    check_code(request, problems);
    if (!among(request.kind, {"run", "validate", "lint"})) {
        refuse(problems, "kind",
               core::format("is '{}', and can be run, validate or lint", as_text(*request.kind)));
    }
    check_input(request, problems);
    check_arguments(request, problems);
    check_files(request, language, problems);
    check_artifacts(request, problems);
    check_expiry(request.expires_at, problems);
    check_limits("limits", request.limits, problems);
    check_limits("compile_limits", request.compile_limits, problems);
    if (request.compile_limits && request.compile_limits->workspace_mb) {
        refuse(problems, "compile_limits.workspace_mb", "is the run's, too: say it in limits");
    }
    if (problems.empty()) return std::nullopt;
    auto message = core::format("the job cannot be run: {}", problems.front());
    return core::Error{core::ErrorCode::invalid_input, std::move(message), std::move(problems)};
}

}  // namespace singularity::services::genesis
