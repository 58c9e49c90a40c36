#include "analysis/walk/repository.hpp"

#include "analysis/walk/regular_file.hpp"

namespace singularity::analysis {
namespace {

namespace fs = std::filesystem;

std::string text_or_nothing(const fs::path& path) {
    return read_regular_file(AT_FDCWD, path.c_str(), kIgnoreFileBytes).value_or("");
}

std::string first_line(const fs::path& path) {
    const std::string text = text_or_nothing(path);
    return text.substr(0, text.find_first_of("\r\n"));
}

// The folder with the shared files of a repository; a linked work tree and a submodule point to it.
fs::path common_folder(const fs::path& top) {
    const fs::path dot_git = top / ".git";
    const std::string line = first_line(dot_git);
    if (!line.starts_with("gitdir: ")) return dot_git;
    const fs::path own = top / line.substr(8);
    const std::string common = first_line(own / "commondir");
    return common.empty() ? own : own / common;
}

}  // namespace

RepositoryPlace place_in_repository(const fs::path& folder) {
    fs::path top = folder;
    std::error_code error;
    while (!fs::exists(top / ".git", error)) {
        if (top == top.root_path()) return {};
        top = top.parent_path();
    }
    RepositoryPlace place;
    place.rules = IgnoreRules::add(nullptr, "", text_or_nothing(common_folder(top) / "info/exclude"));
    for (const fs::path& part : folder.lexically_relative(top)) {
        if (part == ".") break;
        place.rules =
            IgnoreRules::add(place.rules, place.prefix, text_or_nothing(top / place.prefix / ".gitignore"));
        place.prefix += (place.prefix.empty() ? "" : "/") + part.string();
    }
    return place;
}

}  // namespace singularity::analysis
