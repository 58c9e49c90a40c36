// Guarded error handling: a call that can fail, and what is done when it does.
//
// This file: exceptions. Required: a try with a call, a handler that names what it catches, and an
// action in it. guard_result.cpp has the errors that come as values.

#include <algorithm>

#include "analysis/idioms/guard_action.hpp"
#include "analysis/idioms/guard_result.hpp"
#include "analysis/idioms/idiom.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::size_t kLongBody = 12;  // statements, nested ones not counted

struct Handled {
    Caught caught;
    Action action;
    bool operator==(const Handled&) const = default;
};

bool lets_through(Action action) {
    return action == Action::reraise || action == Action::translate || action == Action::rethrow_only ||
           action == Action::terminate || action == Action::keep;
}

class TryGuard {
public:
    TryGuard(const Code& code, NodeId node) : code_(code), node_(node), body_(child(code, node, Role::body)) {
        for (const NodeId each : Children(code, node)) {
            if (code[each].kind == Kind::handler) handlers_.push_back(each);
            if (code[each].kind == Kind::finally_) finally_ = each;
            if (code[each].kind == Kind::else_) else_ = each;
        }
        for (const NodeId each : handlers_) {
            const Handled handled{caught_by(code, each), action_of(code, each)};
            if (!std::ranges::contains(handled_, handled)) handled_.push_back(handled);
        }
    }

    bool is_guard() const {
        if (handlers_.empty() || !guards_a_call()) return false;
        if (expects_failure() || is_optional_import(code_, node_)) return false;
        return std::ranges::any_of(handled_, [](const Handled& each) { return each.caught != Caught::flow; });
    }

    Match describe() const {
        Match match{.first = node_, .last = node_};
        std::string shape, words, sentences;
        // What follows the third kind of handler distinguishes functions, not patterns.
        const std::size_t told = std::min<std::size_t>(handled_.size(), 3);
        for (std::size_t i = 0; i < told; ++i) {
            const Handled& each = handled_[i];
            shape += core::format(" (handler {} {})", name(each.caught), name(each.action));
            words += core::format("{}{}-{}", i ? "-" : "", name(each.caught), name(each.action));
            sentences += core::format("{}on {} {}", i ? ", " : "", errors(each.caught),
                                      analysis::describe(each.action));
        }
        const std::string_view tail = handled_.size() > told ? " (handlers more)" : "";
        match.shape =
            core::format("(guard (try call){}{}{}{})", shape, tail, else_ != kNoNode ? " (else)" : "",
                         finally_ != kNoNode ? " (finally)" : "");
        match.words = join_words({words, handled_.size() > told ? "more" : "", else_ != kNoNode ? "else" : "",
                                  finally_ != kNoNode ? "finally" : ""});
        match.meaning = core::format("Guards a call with a try: {}{}.", sentences,
                                     finally_ != kNoNode ? ", and always runs a final block" : "");
        match.elements = {"try", "guarded-call", "handler", "action"};
        judge(match);
        return match;
    }

private:
    // Making an error to raise it at once is nothing that can fail.
    bool guards_a_call() const {
        for (const NodeId id : Within(code_, body_)) {
            const bool calls = code_[id].kind == Kind::call || code_[id].kind == Kind::new_;
            if (calls && enclosing(code_, id, {Kind::raise}) == kNoNode) return true;
        }
        return false;
    }

    // A test that wants the error: `try: f(); self.fail()`, or assertions about what was caught.
    bool expects_failure() const {
        std::vector<NodeId> parts = handlers_;
        parts.push_back(body_);
        parts.push_back(else_);
        for (const NodeId part : parts)
            for (const NodeId id : Within(code_, part)) {
                const std::string_view name = callee(code_, id);
                if (name == "fail" || name == "FAIL" || name == "ADD_FAILURE") return true;
                if (name.starts_with("assert") || name.starts_with("EXPECT_") || name.starts_with("ASSERT_"))
                    return part != body_;
            }
        return false;
    }

    std::string_view errors(Caught caught) const {
        switch (caught) {
            case Caught::typed: return "a named error";
            case Caught::broad:
                return code_.language() == Language::cpp ? "any std::exception" : "any Exception";
            case Caught::everything: return "whatever is raised";
            case Caught::flow: return "the end of the input";
        }
        return {};
    }

    void judge(Match& match) const {
        double catches = 0, ignores = 0;
        for (const Handled& each : handled_) {
            const bool through = lets_through(each.action);
            if (each.caught == Caught::everything && !through) catches = std::max(catches, 0.4);
            if (each.caught == Caught::broad && !through)
                catches = std::max(catches, code_.language() == Language::cpp ? 0.1 : 0.2);
            if (each.action == Action::ignore) ignores = 0.3;
            if (each.action == Action::rethrow_only && handled_.size() == 1) ignores = 0.4;
        }
        match.object(catches > 0, catches > 0.2 ? "catches-everything" : "catches-broadly", catches);
        match.object(ignores > 0, "does-nothing-about-it", ignores);
        match.object(statements(code_, body_).size() > kLongBody, "guards-a-long-block", 0.15);
        match.object(finally_ != kNoNode && has_within(code_, finally_, {Kind::return_}),
                     "returns-from-finally", 0.3);
        match.object(
            std::ranges::any_of(handlers_, [&](NodeId each) { return catches_by_value(code_, each); }),
            "catches-by-value", 0.2);
        if (catches > 0) match.lacks.emplace_back("names of the errors that are expected");
        const auto translates = [&](NodeId each) {
            return action_of(code_, each) == Action::translate && !keeps_cause(each);
        };
        if (std::ranges::any_of(handlers_, translates))
            match.lacks.emplace_back("the cause in the new error");
    }

    // `raise X from e`; in C++ std::throw_with_nested, or the old error's text in the new one.
    bool keeps_cause(NodeId handler) const {
        const NodeId raise = first_within(code_, handler_body(code_, handler), {Kind::raise});
        if (child(code_, raise, Role::cause) != kNoNode) return true;
        if (code_.language() == Language::python) return false;
        const std::string_view text = code_.text(raise != kNoNode ? raise : handler_body(code_, handler));
        return text.contains(".what()") || text.contains("nested");
    }

    const Code& code_;
    NodeId node_, body_;
    std::vector<NodeId> handlers_;
    NodeId finally_ = kNoNode, else_ = kNoNode;
    std::vector<Handled> handled_;  // distinct, in order of the source
};

}  // namespace

void find_guard(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind != Kind::try_ || findings.is_claimed(id)) continue;
        const TryGuard guard(code, id);
        if (guard.is_guard()) findings.add(guard.describe());
    }
    find_guarded_result(function, findings);
}

}  // namespace singularity::analysis
