// SkipLog and the words for its reasons, declared in analysis/tree_walk.hpp.

#include "analysis/tree_walk.hpp"
#include "analysis/walk/utf8.hpp"

namespace singularity::analysis {

std::string_view describe(SkipReason reason) {
    constexpr std::array<std::string_view, kSkipReasons> kWords = {
        "ignored by git",      "version control",
        "build folder",        "dependency folder",
        "virtual environment", "neither C++ nor Python",
        "symbolic link",       "special file",
        "larger than 1 MB",    "binary",
        "not UTF-8",           "file name not UTF-8",
        "unreadable",          "vanished while reading",
        "too hard to parse",   "in part, for syntax errors",
    };
    return kWords[static_cast<std::size_t>(reason)];
}

void SkipLog::add(SkipReason reason, std::string_view relative_path) {
    Slot& slot = slots_[static_cast<std::size_t>(reason)];
    ++slot.count;
    if (slot.first_paths.size() < kKeptPaths) slot.first_paths.push_back(printable_utf8(relative_path));
}

std::uint64_t SkipLog::total() const {
    std::uint64_t sum = 0;
    for (const Slot& slot : slots_) sum += slot.count;
    return sum;
}

std::vector<SkipLog::Summary> SkipLog::summaries() const {
    std::vector<Summary> result;
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if (slots_[i].count > 0)
            result.push_back({static_cast<SkipReason>(i), slots_[i].count, slots_[i].first_paths});
    return result;
}

}  // namespace singularity::analysis
