// The learning agent: reads a tree, stores what it saw, and drives the loop of docs/learning.md until
// every pattern of the tree is visible in the replica of approved patterns, or parked with a reason.
//
// Runs in the process of the person who asked, with that person's right to read files. Each step is
// what the backbone does by itself on its schedule; the learner only asks for it now and watches.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/tree_walk.hpp"
#include "core/config.hpp"
#include "core/error.hpp"
#include "pgclient/query.hpp"

namespace singularity::services::instance {

enum class Verdict { approved, waiting, parked };

struct LearnedPattern {
    std::string name, ecosystem;
    double confidence = 0;
    std::int64_t occurrences = 0, files = 0;  // over all trees this instance knows
    Verdict verdict = Verdict::parked;
    std::string reason;  // why it is not approved
};

struct LearnStep {
    std::string name;
    std::chrono::nanoseconds took{0};
};

struct LearnReport {
    std::filesystem::path tree;
    std::int64_t files = 0, bytes = 0, functions = 0, occurrences = 0;
    std::int64_t analysed = 0;             // files that were new or had changed
    std::int64_t changed_patterns = 0;     // patterns with a new revision
    std::vector<LearnedPattern> patterns;  // those of this tree, most confident first
    std::vector<analysis::SkipLog::Summary> skipped;
    std::vector<LearnStep> steps;
    bool in_replica = false;  // the replica equals CentralCloud
};

// Told of each step as it begins and, within reading, of files done of files in all.
using LearnProgress = std::function<void(std::string_view step, std::size_t done, std::size_t all)>;

struct LearnOptions {
    std::filesystem::path path;
    std::chrono::milliseconds patience{60'000};  // how long a step may go without getting on
    LearnProgress progress;
};

// Errors: those of walk_tree for the path; not_running where a database can't be reached.
pgclient::Task<core::Expected<LearnReport>> learn(const core::Config& config, LearnOptions options);

}  // namespace singularity::services::instance
