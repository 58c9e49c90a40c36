// See guard_result.hpp. Required: a variable that a call fills, a test of that variable in the very next
// statements, and a branch that does nothing but report and leave with an error: a returned error value
// or a raise. A test of an argument is validation, not this idiom.

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "analysis/idioms/guard_action.hpp"
#include "analysis/idioms/guard_result.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr int kReach = 2;  // statements between the call and the test, at most

enum class Leave { none, propagate, error, raise };

class ResultGuard {
public:
    ResultGuard(const Function& function, NodeId test)
        : function_(function),
          code_(function.code()),
          test_(test),
          condition_(child(code_, test, Role::condition)) {}

    std::optional<Match> find() {
        const auto branch = statements(code_, child(code_, test_, Role::consequence));
        if (branch.empty() || branch.size() > 4 || !find_outcome()) return std::nullopt;
        const Leave leave = leaves(branch.back());
        if (leave == Leave::none || has_success_work(branch)) return std::nullopt;
        return describe(leave);
    }

private:
    // The tested variable, filled by a call just before, in the test itself, or through an error code.
    bool find_outcome() {
        for (const NodeId id : Within(code_, condition_)) {
            if (!is_variable(code_, id)) continue;
            name_ = code_.text(id);
            if (names_bound_in_test() || filled_just_before()) return is_failure_test(id);
        }
        return false;
    }

    bool names_bound_in_test() {
        for (const NodeId id : Within(code_, condition_)) {
            const Kind kind = code_[id].kind;
            if (kind != Kind::init_declarator && kind != Kind::named_expression && kind != Kind::assign)
                continue;
            const NodeId value = child(code_, id, kind == Kind::assign ? Role::right : Role::value);
            if (!is_fallible(called(code_, value))) continue;
            for (const auto name : names_bound_to(id))
                if (name == name_) return first_ = test_, true;
        }
        return false;
    }

    std::vector<std::string_view> names_bound_to(NodeId binding) const {
        NodeId target = child(code_, binding, Role::declarator);
        if (target == kNoNode) target = child(code_, binding, Role::left);
        if (target == kNoNode) target = child(code_, binding, Role::name);
        std::vector<std::string_view> result;
        for (const NodeId name : bound_names(code_, target)) result.push_back(code_.text(name));
        return result;
    }

    bool filled_just_before() {
        NodeId before = previous_sibling(code_, statement_of(code_, test_));
        for (int step = 0; step < kReach && before != kNoNode;
             ++step, before = previous_sibling(code_, before)) {
            const Kind kind = code_[before].kind;
            const bool simple = kind == Kind::declaration || kind == Kind::expression_statement;
            if (simple && fills(before)) return first_ = before, true;
            if (kLeaving.contains(code_[before].kind) || code_.kind(before) == Kind::if_) return false;
        }
        return false;
    }

    // A declaration or assignment of the variable from a call, or a call that is handed an error code.
    bool fills(NodeId statement) const {
        for (const NodeId id : Within(code_, statement)) {
            const Kind kind = code_[id].kind;
            if (kind == Kind::init_declarator || kind == Kind::assign) {
                const NodeId value = child(code_, id, kind == Kind::assign ? Role::right : Role::value);
                if (std::ranges::contains(names_bound_to(id), name_))
                    return is_fallible(called(code_, value));
            }
            if (kind == Kind::call && is_error_code())
                for (const NodeId each : arguments(code_, id))
                    if (code_.text(each) == name_) return true;
        }
        return false;
    }

    // A size or a conversion is no outcome.
    bool is_fallible(NodeId call) const {
        constexpr std::array<std::string_view, 9> kMeasures = {
            "len", "size", "length", "count", "strlen", "type", "isinstance", "getattr", "static_cast"};
        return call != kNoNode && !std::ranges::contains(kMeasures, callee(code_, call));
    }

    bool is_error_code() const {
        const Local* local = function_.local(name_);
        return local && code_.text(child(code_, local->declaration, Role::type)).ends_with("error_code");
    }

    // `!x`, `x < 0`, `x == null`, `x != 0`, `!x.ok()`, an error code itself; not `x`, not `x > 5 && y`.
    bool is_failure_test(NodeId use) const {
        NodeId node = core(code_, condition_);
        if (code_.kind(node) == Kind::binary && code_[node].op == Operator::or_) node = core(code_, node + 1);
        if (const NodeId negated = operand_of_not(code_, node); negated != kNoNode) return asks(negated, use);
        if (code_.kind(node) != Kind::binary) return node == use && is_error_code();
        if (code_[node].op == Operator::and_) return false;
        const NodeId value = core(code_, last_child(code_, node));
        if (!asks(core(code_, node + 1), use) || !is_failure_value(value)) return false;
        const bool unlike = code_[node].op == Operator::not_equal || code_[node].op == Operator::is_not;
        return !unlike || code_.kind(value) != Kind::null || raises_it();
    }

    // What is there instead of null is a failure only when it is the error itself.
    bool raises_it() const {
        const NodeId raise = first_within(code_, child(code_, test_, Role::consequence), {Kind::raise});
        return raise != kNoNode && code_.text(core(code_, raise + 1)) == name_;
    }

    // The variable itself, or a question to it such as x.status(); not a part of a part of it.
    bool asks(NodeId node, NodeId use) const {
        if (receiver(code_, node) != kNoNode && is_fallible(node)) node = receiver(code_, node);
        return node == use;
    }

    // What calls return when they fail: null, 0, -1, false, a named status, end() of a search.
    bool is_failure_value(NodeId node) const {
        const Kind kind = code_.kind(node);
        if (kind == Kind::null || kind == Kind::true_ || kind == Kind::false_) return true;
        const std::string_view text = code_.text(node);
        if (text == "0" || text == "-1" || text == "1" || callee(code_, node) == "end" ||
            text.ends_with("npos"))
            return true;
        const bool named = kind == Kind::identifier || kind == Kind::qualified || kind == Kind::member;
        return named &&
               std::ranges::none_of(text, [](unsigned char c) { return std::islower(c) && c != ':'; });
    }

    Leave leaves(NodeId last) const {
        if (code_[last].kind == Kind::raise) return code_[last].past > last + 1 ? Leave::raise : Leave::none;
        if (code_[last].kind != Kind::return_ || code_[last].past == last + 1) return Leave::none;
        const NodeId value = core(code_, last + 1);
        if (function_.language() == Language::python) return Leave::none;
        const bool same = code_.text(value) == name_ && operand_of_not(code_, condition_) != kNoNode;
        const bool carries = is_error_value(code_, value) && mentions(code_, value, name_);
        if (same || carries) return Leave::propagate;
        return is_error_value(code_, value) ? Leave::error : Leave::none;
    }

    // Loops or tests before the exit: more than the handling of an error.
    bool has_success_work(const std::vector<NodeId>& branch) const {
        return std::ranges::any_of(branch, [&](NodeId each) {
            return kLoops.contains(code_[each].kind) || code_[each].kind == Kind::try_;
        });
    }

    Match describe(Leave leave) const {
        const bool awaited = has_within(code_, first_, {Kind::await});
        const std::string_view call = awaited ? "awaited call" : "call";
        const std::string_view way = leave == Leave::propagate ? "propagate"
                                     : leave == Leave::error   ? "return-error"
                                                               : "raise";
        const bool code = is_error_code();
        Match match{.first = first_, .last = statement_of(code_, test_)};
        match.shape =
            core::format("(guard ({} {}) (if failed {}))", call, code ? "error-code" : "result", way);
        match.words = join_words({awaited ? "awaited" : "", code ? "error-code" : "checked-result", way});
        match.meaning =
            core::format("Tests {} {} call at once and, when it is not good, {}.",
                         code ? "the error code of" : "what came from", awaited ? "an awaited" : "a",
                         leave == Leave::propagate ? "returns that error to the caller"
                         : leave == Leave::error   ? "returns an error value that tells what failed"
                                                   : "raises an error");
        match.elements = {"call", "outcome", "test-at-once", "leave-with-error"};
        return match;
    }

    const Function& function_;
    const Code& code_;
    NodeId test_, condition_, first_ = kNoNode;
    std::string_view name_;
};

}  // namespace

void find_guarded_result(const Function& function, Findings& findings) {
    for (const NodeId id : Within(function.code(), function.body()))
        if (function.code()[id].kind == Kind::if_)
            if (auto match = ResultGuard(function, id).find()) findings.add(std::move(*match));
}

}  // namespace singularity::analysis
