// What an idiom is made of: a finder that looks at one function, and what it tells of each match.
//
// A finder adds a match only when the elements without which the idiom is not there stand in their
// places; what speaks against it lowers the confidence. A match's shape names the elements and how they
// nest, never an identifier of the code. A syntax node that a match explains is claimed, so that a later
// idiom does not explain it again (a retry's try is no guard).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/syntax/function.hpp"

namespace singularity::analysis {

struct Objection {
    std::string_view what;  // "catches-everything"
    double weight;
};

struct Match {
    NodeId first = kNoNode;  // the nodes that the idiom spans, for the snippet
    NodeId last = kNoNode;
    std::string shape = {};    // "(retry (loop bounded …))"
    std::string words = {};    // what distinguishes the shape, for the pattern's name
    std::string meaning = {};  // one sentence, true of every function with this shape
    std::vector<std::string> elements = {};
    std::vector<Objection> against = {};
    std::vector<std::string> lacks = {};

    void object(bool applies, std::string_view what, double weight) {
        if (applies) against.push_back({what, weight});
    }
    double confidence() const;  // 1 less the objections' weights, to two digits, at least 0
};

// Below this nothing is reported: more speaks against the idiom than for it.
inline constexpr double kLeastConfidence = 0.5;

class Findings {
public:
    void add(Match match) { matches_.push_back(std::move(match)); }
    void claim(NodeId node) { claimed_.push_back(node); }
    bool is_claimed(NodeId node) const;
    std::vector<Match> take() { return std::exchange(matches_, {}); }

private:
    std::vector<Match> matches_;
    std::vector<NodeId> claimed_;
};

struct Idiom {
    std::string_view name;
    void (*find)(const Function& function, Findings& findings);
    std::vector<std::string_view> practices;
};

// In the order in which they look at a function: those that claim nodes come first.
std::span<const Idiom> all_idioms();

void find_retry(const Function& function, Findings& findings);
void find_memo(const Function& function, Findings& findings);
void find_channel(const Function& function, Findings& findings);
void find_scope(const Function& function, Findings& findings);
void find_guard(const Function& function, Findings& findings);

// "a-b-c" of the parts that are not empty.
std::string join_words(std::initializer_list<std::string_view> parts, std::string_view separator = "-");

}  // namespace singularity::analysis
