#include "analysis/analyze.hpp"

#include <algorithm>

#include "analysis/digest.hpp"
#include "analysis/idioms/idiom.hpp"
#include "analysis/snippet.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

// A function of more nodes (about 60 KB of code) is a table that a program wrote.
constexpr NodeId kLargestFunction = 20'000;

std::string_view without_byte_order_mark(std::string_view text) {
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

Occurrence to_occurrence(const Function& function, std::string_view idiom, Match&& match) {
    const Code& code = function.code();
    Occurrence result;
    result.idiom = idiom;
    result.language = name(function.language());
    result.shape_hash = sha256_hex(match.shape);
    result.pattern_name = core::format("{}/{}-{}", idiom, match.words, result.shape_hash.substr(0, 6));
    result.description = std::move(match.meaning);
    result.function = function.name();
    result.start_line = static_cast<int>(code[function.node()].first_line);
    result.end_line = static_cast<int>(code[function.node()].last_line);
    result.confidence = match.confidence();
    result.snippet = snippet(code.text(), code[match.first].begin, code[match.last].end);
    result.shape = std::move(match.shape);
    result.elements = std::move(match.elements);
    for (const Objection& each : match.against) result.against.emplace_back(each.what);
    result.lacks = std::move(match.lacks);
    return result;
}

// Of several matches with one shape in a function, the first of the most confident stands for it.
void keep_best(std::vector<Match>& matches) {
    std::vector<Match> best;
    for (Match& match : matches) {
        if (match.confidence() < kLeastConfidence) continue;
        const auto same = std::ranges::find(best, match.shape, &Match::shape);
        if (same == best.end()) best.push_back(std::move(match));
        else if (match.confidence() > same->confidence()) *same = std::move(match);
    }
    matches = std::move(best);
}

void analyze_function(const Function& function, std::vector<Occurrence>& found) {
    Findings findings;
    for (const Idiom& idiom : all_idioms()) {
        idiom.find(function, findings);
        auto matches = findings.take();
        keep_best(matches);
        for (Match& match : matches) found.push_back(to_occurrence(function, idiom.name, std::move(match)));
    }
}

}  // namespace

FileAnalysis analyze(std::string_view relative_path, std::string_view text, Language language) {
    FileAnalysis result;
    result.path = relative_path;
    result.folder = folder_of(relative_path);
    result.language = name(language);
    result.content_hash = sha256_hex(text);
    result.bytes = static_cast<std::int64_t>(text.size());
    const auto code = Code::read(without_byte_order_mark(text), language);
    result.limit_reached = !code;
    if (!code) return result;
    const FileFacts facts = gather_facts(*code);
    for (const NodeId node : function_nodes(*code)) {
        const bool is_lambda = (*code)[node].kind == Kind::lambda;
        const bool left_out = (*code)[node].broken || (*code)[node].past - node > kLargestFunction;
        result.functions += is_lambda ? 0 : 1;
        result.broken_functions += left_out && !is_lambda ? 1 : 0;
        if (!left_out) analyze_function(Function(*code, facts, node), result.occurrences);
    }
    result.incomplete =
        result.broken_functions > 0 || (result.functions == 0 && code->size() > 0 && (*code)[0].broken);
    return result;
}

std::vector<std::string> idioms() {
    std::vector<std::string> result;
    for (const Idiom& idiom : all_idioms()) result.emplace_back(idiom.name);
    std::ranges::sort(result);
    return result;
}

std::vector<std::string> best_practices(std::string_view idiom) {
    for (const Idiom& each : all_idioms())
        if (each.name == idiom) return {each.practices.begin(), each.practices.end()};
    return {};
}

}  // namespace singularity::analysis
