// singularity learn [PATH]: an agent reads the code, and its patterns go round the whole loop.
#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/run_on_database.hpp"
#include "core/clock.hpp"
#include "core/format.hpp"
#include "services/singularity/learner.hpp"

namespace singularity::cli {

namespace {

using services::instance::LearnedPattern;
using services::instance::LearnReport;
using services::instance::Verdict;

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::approved: return "approved";
        case Verdict::waiting: return "waiting";
        case Verdict::parked: return "parked";
    }
    return "parked";
}

boost::json::value as_json(const LearnReport& report) {
    boost::json::array patterns, skipped;
    boost::json::object steps;
    for (const LearnedPattern& pattern : report.patterns) {
        patterns.push_back({{"name", pattern.name},
                            {"ecosystem", pattern.ecosystem},
                            {"confidence", pattern.confidence},
                            {"files", pattern.files},
                            {"occurrences", pattern.occurrences},
                            {"verdict", name_of(pattern.verdict)},
                            {"reason", pattern.reason}});
    }
    for (const auto& skip : report.skipped) {
        skipped.push_back({{"reason", describe(skip.reason)},
                           {"count", skip.count},
                           {"first_paths", boost::json::value_from(skip.first_paths)}});
    }
    for (const auto& step : report.steps) {
        steps[step.name] = std::chrono::duration<double, std::milli>(step.took).count();
    }
    return {{"tree", report.tree.string()},
            {"files", report.files},
            {"bytes", report.bytes},
            {"functions", report.functions},
            {"occurrences", report.occurrences},
            {"analysed", report.analysed},
            {"changed_patterns", report.changed_patterns},
            {"in_replica", report.in_replica},
            {"patterns", patterns},
            {"skipped", skipped},
            {"milliseconds", steps}};
}

void print_skipped(const LearnReport& report) {
    for (const auto& skip : report.skipped) {
        std::cout << core::format("skipped {:6} {}", skip.count, describe(skip.reason));
        const char* separator = ": ";
        for (const std::string& path : skip.first_paths) {
            std::cout << separator << path;
            separator = ", ";
        }
        std::cout << (skip.count > skip.first_paths.size() ? ", …\n" : "\n");
    }
}

void print_patterns(const LearnReport& report) {
    std::cout << core::format("\n{:58} {:8} {:>10} {:>5}  {}\n", "PATTERN", "LANGUAGE", "CONFIDENCE", "FILES",
                              "");
    for (const LearnedPattern& pattern : report.patterns) {
        std::cout << core::format("{:58} {:8} {:10.3f} {:5}  {}", pattern.name, pattern.ecosystem,
                                  pattern.confidence, pattern.files, name_of(pattern.verdict));
        std::cout << (pattern.reason.empty() ? "\n" : ": " + pattern.reason + "\n");
    }
}

void print_report(const LearnReport& report) {
    std::cout << core::format("{}: {} files, {:.1f} MB, {} functions, {} occurrences\n", report.tree.string(),
                              report.files, static_cast<double>(report.bytes) / 1e6, report.functions,
                              report.occurrences);
    print_skipped(report);
    if (!report.patterns.empty()) print_patterns(report);
    std::cout << core::format("\n{} files were new or had changed, {} patterns changed;", report.analysed,
                              report.changed_patterns);
    for (const auto& step : report.steps)
        std::cout << core::format(" {} {}", step.name, core::readable(step.took));
    std::cout << '\n';
}

// On a terminal: one line that is written over.
void show_progress(std::string_view step, std::size_t done, std::size_t all) {
    if (all == 0) std::cerr << core::format("\r\033[K{} …", step);
    else std::cerr << core::format("\r\033[K{} … {} of {} files", step, done, all);
}

void learn(Context& context, const std::string& path) {
    const bool terminal = ::isatty(STDERR_FILENO) != 0 && !context.json;
    run_on_database(context, [&]() -> boost::asio::awaitable<void> {
        services::instance::LearnOptions options;
        options.path = path;
        if (terminal) options.progress = show_progress;
        const auto report = co_await services::instance::learn(context.config, std::move(options));
        if (terminal) std::cerr << "\r\033[K";
        if (!report) {
            context.fail(report.error());
            co_return;
        }
        if (context.json) context.print_json(as_json(*report));
        else print_report(*report);
        if (!report->in_replica) {
            context.fail(
                {core::ErrorCode::timeout,
                 "the replica does not equal CentralCloud yet; see \"singularity replication status\"",
                 {}});
        }
    });
}

}  // namespace

void add_learn(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("learn", "Read a code base and learn its patterns");
    auto path = std::make_shared<std::string>(".");
    command->add_option("PATH", *path, "A folder or one file")->capture_default_str();
    command->callback([&context, path] { learn(context, *path); });
}

}  // namespace singularity::cli
