#include "services/genesis/language_versions.hpp"

#include <algorithm>

#include "services/genesis/job_output.hpp"
#include "services/genesis/job_program.hpp"

namespace singularity::services::genesis {

namespace fs = std::filesystem;

namespace {

bool is_digit(char each) {
    return each >= '0' && each <= '9';
}

fs::file_time_type last_change(const Language& language) {
    std::error_code unknown;
    const auto changed = fs::last_write_time(language.version.front(), unknown);
    return unknown ? fs::file_time_type{} : changed;
}

}  // namespace

std::string version_in(std::string_view text) {
    while (!text.empty()) {
        const auto start = std::ranges::find_if(text, is_digit);
        const auto end =
            std::find_if_not(start, text.end(), [](char each) { return is_digit(each) || each == '.'; });
        std::string_view number(start, end);
        while (number.ends_with('.')) number.remove_suffix(1);
        if (number.contains('.')) return std::string(number);
        text = {end, text.end()};
    }
    return "";
}

boost::asio::awaitable<std::string> LanguageVersions::of(const Language& language) {
    const auto changed = last_change(language);
    if (const auto known = known_.find(language.name);
        known != known_.end() && known->second.changed == changed) {
        co_return known->second.version;
    }
    auto workspace = co_await sandbox_.open({}, mounts_of(language, {}));
    CompilerOutput output;
    co_await workspace.run({.arguments = language.version, .environment = environment_of(language.run)},
                           compiling(512), output.streams());
    const std::string version = version_in(output.text);
    if (!version.empty()) known_[language.name] = {changed, version};
    co_return version;
}

}  // namespace singularity::services::genesis
