#include "services/singularity/analysed_tree.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace singularity::services::instance {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kFilesPerReport = 32;

// Takes files one by one until none is left; several workers share one job.
struct Job {
    const analysis::SourceTree& tree;
    const TreeProgress& progress;
    std::vector<std::optional<analysis::FileAnalysis>> results;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;  // guards what follows
    analysis::SkipLog skipped;
    std::size_t done = 0;

    void run() {
        for (std::size_t i = next++; i < tree.files.size(); i = next++) {
            const auto skip = analyse(i);
            const std::lock_guard lock(mutex);
            if (skip) skipped.add(*skip, tree.files[i].path);
            if (++done % kFilesPerReport == 0 && progress) progress(done, tree.files.size());
        }
    }

    std::optional<analysis::SkipReason> analyse(std::size_t index) {
        const analysis::SourceFile& file = tree.files[index];
        const auto text = analysis::read_source(tree, file);
        if (!text) return text.error();
        analysis::FileAnalysis result = analysis::analyze(file.path, *text, file.language);
        if (result.limit_reached) return analysis::SkipReason::parse_limit;
        const bool incomplete = result.incomplete;
        results[index] = std::move(result);
        if (incomplete) return analysis::SkipReason::incomplete;
        return std::nullopt;
    }
};

}  // namespace

core::Expected<AnalysedTree> analyse_tree(const std::filesystem::path& path, const TreeProgress& progress) {
    const auto started = steady_clock::now();
    auto tree = analysis::walk_tree(path);
    if (!tree) return std::unexpected(tree.error());
    const auto walked = steady_clock::now();
    Job job{.tree = *tree, .progress = progress, .results = {}, .mutex = {}, .skipped = tree->skipped};
    job.results.resize(tree->files.size());
    {
        std::vector<std::jthread> workers;
        const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
        workers.reserve(cores);
        for (unsigned i = 0; i < cores; ++i) workers.emplace_back([&job] { job.run(); });
    }
    AnalysedTree result{.root = tree->root, .files = {}, .skipped = std::move(job.skipped)};
    for (auto& file : job.results) {
        if (!file) continue;
        result.bytes += file->bytes;
        result.files.push_back(std::move(*file));
    }
    result.walking = walked - started;
    result.reading_and_analysing = steady_clock::now() - walked;
    if (progress) progress(tree->files.size(), tree->files.size());
    return result;
}

}  // namespace singularity::services::instance
