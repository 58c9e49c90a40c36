// What learning costs before a database sees anything: walking a tree, reading, parsing, recognising.
// One thread, each step by itself over the whole tree, in processor time, the best of three rounds (what
// the machine does besides makes rounds slower, never faster). Recognising is what analyze() takes
// beyond parsing.
//
//     build/bin/analysis_bench /usr/lib/python3.11

#include "analysis/analyze.hpp"
#include "analysis/syntax/code.hpp"
#include "analysis/syntax/parser.hpp"
#include "analysis/tree_walk.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <print>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace singularity::analysis;
using Seconds = std::chrono::duration<double>;

constexpr int kRounds = 3;

struct Text {
    std::string path, text;
    Language language;
};

Seconds processor_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

template <class Step>
Seconds best_of(Step step) {
    Seconds best = Seconds::max();
    for (int round = 0; round < kRounds; ++round) {
        const Seconds begin = processor_time();
        step();
        best = std::min(best, processor_time() - begin);
    }
    return best;
}

std::vector<Text> read_all(const SourceTree& tree) {
    std::vector<Text> texts;
    for (const SourceFile& file : tree.files)
        if (auto text = read_source(tree, file))
            texts.push_back({file.path, std::move(*text), file.language});
    return texts;
}

void measure(const SourceTree& tree) {
    const auto texts = read_all(tree);
    std::size_t bytes = 0, occurrences = 0, functions = 0;
    for (const Text& each : texts) bytes += each.text.size();

    const Seconds walk = best_of([&] { (void)walk_tree(tree.root); });
    const Seconds read = best_of([&] { (void)read_all(tree); });
    const Seconds parse_only = best_of([&] {
        for (const Text& each : texts) (void)parse(each.text, grammar(each.language));
    });
    const Seconds code = best_of([&] {
        for (const Text& each : texts) (void)Code::read(each.text, each.language);
    });
    const Seconds whole = best_of([&] {
        occurrences = functions = 0;
        for (const Text& each : texts) {
            const FileAnalysis analysis = analyze(each.path, each.text, each.language);
            occurrences += analysis.occurrences.size();
            functions += static_cast<std::size_t>(analysis.functions);
        }
    });

    const double megabytes = static_cast<double>(bytes) / 1e6, files = static_cast<double>(texts.size());
    std::println("{} files, {:.1f} MB, {} functions, {} occurrences", texts.size(), megabytes, functions,
                 occurrences);
    std::println("{:<24} {:>9} {:>9} {:>9} {:>7}", "step", "ms", "MB/s", "files/s", "share");
    const Seconds all = walk + read + whole;
    const auto row = [&](const char* step, Seconds time) {
        const double seconds = time.count();
        std::println("{:<24} {:>9.1f} {:>9.1f} {:>9.0f} {:>6.1f}%", step, seconds * 1e3, megabytes / seconds,
                     files / seconds, 100 * seconds / all.count());
    };
    row("walk", walk);
    row("read", read);
    row("parse (tree-sitter)", parse_only);
    row("to our vocabulary", code - parse_only);
    row("recognise", whole - code);
    row("parse and recognise", whole);
    row("all", all);
}

}  // namespace

int main(int count, char** arguments) try {
    if (count != 2) {
        std::println(stderr, "usage: analysis_bench TREE");
        return 2;
    }
    const auto tree = walk_tree(arguments[1]);
    if (!tree) {
        std::println(stderr, "{}", tree.error().message);
        return singularity::core::exit_code(tree.error().code);
    }
    measure(*tree);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "analysis_bench: %s\n", error.what());
    return 1;
}
