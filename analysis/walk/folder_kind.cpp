#include "analysis/walk/folder_kind.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 6> kVersionControl = {".git", ".hg", ".svn", ".bzr", ".jj", "CVS"};
constexpr std::array<std::string_view, 5> kDependencies = {
    "node_modules", "bower_components", "site-packages", "dist-packages", "__pypackages__"};
constexpr std::array<std::string_view, 3> kEnvironments = {".venv", "venv", ".virtualenv"};
constexpr std::array<std::string_view, 10> kBuilds = {
    "CMakeFiles",  "__pycache__",   ".tox",        ".nox",    ".eggs",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".ccache"};
constexpr std::array<std::string_view, 5> kMaybeBuilds = {"build", "_build", "dist", "out", "_deps"};
constexpr std::array<std::string_view, 4> kBuildMarks = {"CMakeCache.txt", "build.ninja", ".ninja_log",
                                                         "CACHEDIR.TAG"};

}  // namespace

std::optional<SkipReason> skip_by_name(std::string_view name) {
    if (std::ranges::contains(kVersionControl, name)) return SkipReason::version_control;
    if (std::ranges::contains(kDependencies, name)) return SkipReason::dependency_folder;
    const bool build = std::ranges::contains(kBuilds, name) || name.starts_with("cmake-build-") ||
                       name.starts_with("bazel-") || name.ends_with(".egg-info");
    return build ? std::optional(SkipReason::build_folder) : std::nullopt;
}

std::optional<SkipReason> skip_by_content(std::string_view name, std::span<const std::string> entries) {
    const auto has = [&](std::string_view wanted) { return std::ranges::contains(entries, wanted); };
    if (has("pyvenv.cfg") || has("conda-meta")) return SkipReason::virtual_environment;
    if (std::ranges::any_of(kBuildMarks, has)) return SkipReason::build_folder;
    if (has("__init__.py")) return std::nullopt;
    if (std::ranges::contains(kEnvironments, name)) return SkipReason::virtual_environment;
    if (std::ranges::contains(kMaybeBuilds, name)) return SkipReason::build_folder;
    return std::nullopt;
}

}  // namespace singularity::analysis
