#include "analysis/walk/ignore_pattern.hpp"

namespace singularity::analysis {
namespace {

// Trailing spaces go, unless a backslash keeps them.
std::string_view without_trailing_spaces(std::string_view line) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) kept = ++i + 1;
        else if (line[i] != ' ') kept = i + 1;
    }
    return line.substr(0, kept);
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) return std::nullopt;
    line = without_trailing_spaces(line);
    IgnorePattern result;
    if (line.starts_with('!')) {
        result.negated_ = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        result.folders_only_ = true;
        line.remove_suffix(1);
    }
    result.anchored_ = line.contains('/');
    if (line.starts_with('/')) line.remove_prefix(1);
    auto glob = Glob::compile(line, result.anchored_);
    if (line.empty() || !glob) return std::nullopt;
    result.glob_ = std::move(*glob);
    return result;
}

bool IgnorePattern::matches(std::string_view path, bool is_folder) const {
    if (folders_only_ && !is_folder) return false;
    return glob_.matches(anchored_ ? path : base_name(path));
}

}  // namespace singularity::analysis
