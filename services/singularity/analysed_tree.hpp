// A source tree, read and analysed: the first step of learning. No database.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "analysis/analyze.hpp"
#include "analysis/tree_walk.hpp"
#include "core/error.hpp"

namespace singularity::services::instance {

struct AnalysedTree {
    std::filesystem::path root;                 // what the occurrences' paths are relative to
    std::vector<analysis::FileAnalysis> files;  // by path
    analysis::SkipLog skipped;
    std::int64_t bytes = 0;
    std::chrono::nanoseconds walking{0}, reading_and_analysing{0};
};

// Called with files done and files in all, now and then, from one thread at a time.
using TreeProgress = std::function<void(std::size_t done, std::size_t all)>;

// Blocks. Uses as many threads as there are cores. Errors: those of walk_tree.
core::Expected<AnalysedTree> analyse_tree(const std::filesystem::path& path, const TreeProgress& progress);

}  // namespace singularity::services::instance
