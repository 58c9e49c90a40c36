#include "analysis/idioms/idiom.hpp"

#include <algorithm>
#include <cmath>

namespace singularity::analysis {

double Match::confidence() const {
    double result = 1;
    for (const Objection& each : against) result -= each.weight;
    return std::max(0.0, std::round(result * 100) / 100);
}

bool Findings::is_claimed(NodeId node) const {
    return std::ranges::contains(claimed_, node);
}

std::string join_words(std::initializer_list<std::string_view> parts, std::string_view separator) {
    std::string result;
    for (const std::string_view part : parts) {
        if (part.empty()) continue;
        if (!result.empty()) result += separator;
        result += part;
    }
    return result;
}

std::span<const Idiom> all_idioms() {
    static const std::vector<Idiom> idioms = {
        {"retry-with-backoff",
         find_retry,
         {"bound the attempts or the time", "let the delay grow, up to a cap, and spread it with jitter",
          "retry only errors that can pass, and only work that may be done twice",
          "when the attempts are used up, let the last error through"}},
        {"memoisation",
         find_memo,
         {"make the key from everything that the result depends on",
          "bound the cache or say why it cannot grow", "cache values, not failures",
          "say whether concurrent callers may compute the same value twice"}},
        {"producer-consumer",
         find_channel,
         {"bound the queue, so that a slow consumer slows its producer",
          "wait on a predicate, so that a spurious wake-up does no harm", "give the consumer a way to stop",
          "hold the lock for the queue alone, never while an item is processed"}},
        {"scoped-resource",
         find_scope,
         {"tie the release to the scope, so that every path takes it",
          "acquire as late and release as early as the work allows",
          "keep the release from failing, or say what a failure means", "let exactly one owner release"}},
        {"guarded-error-handling",
         find_guard,
         {"guard the one operation that can fail, not a page of code",
          "name the errors that are expected and let the others through",
          "act: translate with the cause, fall back, or report; never pass over in silence",
          "keep the original error reachable"}},
    };
    return idioms;
}

}  // namespace singularity::analysis
