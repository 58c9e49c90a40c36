#include "analysis/idioms/guard_action.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 6> kErrorMakers = {"unexpected",      "failure", "make_error",
                                                          "make_error_code", "fail",    "Error"};
constexpr std::array<std::string_view, 10> kReports = {"log",   "warn",   "print",    "debug",  "info",
                                                       "trace", "perror", "critical", "report", "exception"};
constexpr std::array<std::string_view, 14> kNames = {
    "ignore",       "report",    "act",     "fall-back",    "skip", "return-empty", "return-value",
    "return-error", "translate", "reraise", "rethrow-only", "keep", "terminate",    "decide"};
constexpr std::array<std::string_view, 14> kSentences = {
    "passes over it",
    "reports it and goes on",
    "does something else and goes on",
    "falls back to another value",
    "goes on with the loop or ends it",
    "returns nothing",
    "returns another value",
    "returns an error value",
    "raises another error in its place",
    "acts and lets it through",
    "lets it through",
    "keeps it for later",
    "ends the program",
    "decides by a test what to do",
};

// What follows `return` or `raise`.
NodeId operand(const Code& code, NodeId statement) {
    return statement + 1 < code[statement].past ? core(code, statement + 1) : kNoNode;
}

// The variable that the handler gives the error: e of `except E as e`, of `catch (const E& e)`.
std::string_view error_name(const Code& code, NodeId handler) {
    const NodeId list = child(code, handler, Kind::parameters);
    const NodeId declared = child(code, list != kNoNode ? list + 1 : kNoNode, Role::declarator);
    const NodeId pattern = child(code, handler, Kind::as_pattern);
    const auto names = bound_names(code, declared != kNoNode ? declared : child(code, pattern, Role::alias));
    return names.empty() ? std::string_view() : code.text(names.front());
}

Action of_raise(const Code& code, NodeId statement, NodeId handler, bool alone) {
    const NodeId raised = operand(code, statement);
    const bool same = raised == kNoNode || code.text(raised) == error_name(code, handler);
    if (!same) return Action::translate;
    return alone ? Action::rethrow_only : Action::reraise;
}

Action of_return(const Code& code, NodeId statement) {
    const NodeId value = operand(code, statement);
    const bool nothing =
        value == kNoNode || code.kind(value) == Kind::null || code.text(value) == "std::nullopt";
    if (nothing) return Action::return_empty;
    return is_error_value(code, value) ? Action::return_error : Action::return_value;
}

// log.warning(…), print(…), std::cerr << …
bool is_report(const Code& code, NodeId statement) {
    const NodeId expression = core(code, statement);
    if (code.kind(expression) == Kind::binary) return code[expression].op == Operator::shift_left;
    const NodeId call = called(code, statement);
    const std::string_view name = callee(code, call);
    if (name == "error" || name == "write" || contains_word(code.text(receiver(code, call)), "log"))
        return true;
    return std::ranges::any_of(kReports, [&](std::string_view word) { return contains_word(name, word); });
}

// throw_exception(e), std::rethrow_exception(…), std::terminate(), sys.exit(1): leave without a statement.
std::optional<Action> of_leaving_call(const Code& code, NodeId statement, NodeId handler) {
    constexpr std::array<std::string_view, 6> kEnds = {"terminate", "abort", "exit",
                                                       "_exit",     "_Exit", "quick_exit"};
    const NodeId call = called(code, statement);
    const std::string_view name = callee(code, call);
    if (std::ranges::contains(kEnds, name)) return Action::terminate;
    const bool raises = contains_word(name, "throw") || contains_word(name, "raise");
    if (!raises) return std::nullopt;
    const auto given = arguments(code, call);
    const bool same = !given.empty() && code.text(given.front()) == error_name(code, handler);
    return same || name.starts_with("rethrow_") ? Action::reraise : Action::translate;
}

// `failure = std::current_exception()`, `self.error = e`, `future.set_exception(e)`.
bool keeps_error(const Code& code, NodeId handler) {
    for (const NodeId id : Within(code, handler_body(code, handler))) {
        const std::string_view name = callee(code, id);
        if (name == "current_exception" || name == "set_exception") return true;
        const NodeId value =
            code[id].kind == Kind::assign ? core(code, child(code, id, Role::right)) : kNoNode;
        const bool same =
            code.kind(value) == Kind::identifier && code.text(value) == error_name(code, handler);
        if (same) return true;
    }
    return false;
}

// What the statements do that go on after themselves.
Action of_rest(const Code& code, const std::vector<NodeId>& list) {
    bool assigns = false, acts = false, reports = true;
    for (const NodeId statement : list) {
        assigns |= has_within(code, statement, {Kind::assign, Kind::augment});
        acts |=
            has_within(code, statement, {Kind::call, Kind::delete_, Kind::yield, Kind::new_, Kind::binary});
        reports &= is_report(code, statement);
        const bool tests = code[statement].kind == Kind::if_ || code[statement].kind == Kind::switch_;
        const bool decides = tests && has_within(code, statement, kLeaving);
        if (decides) return Action::decide;
    }
    return assigns ? Action::fall_back : !acts ? Action::ignore : reports ? Action::report : Action::act;
}

// `if (…) throw;` before something else: some errors are let through.
bool filters(const Code& code, const std::vector<NodeId>& list) {
    return std::ranges::any_of(list, [&](NodeId each) {
        return code[each].kind == Kind::if_ && each != list.back() && has_within(code, each, {Kind::raise});
    });
}

}  // namespace

std::string_view name(Action action) {
    return kNames[static_cast<std::size_t>(action)];
}

std::string_view describe(Action action) {
    return kSentences[static_cast<std::size_t>(action)];
}

Action action_of(const Code& code, NodeId handler) {
    const auto list = statements(code, handler_body(code, handler));
    if (list.empty()) return Action::ignore;
    const NodeId last = list.back();
    if (code[last].kind == Kind::raise) return of_raise(code, last, handler, list.size() == 1);
    if (filters(code, list)) return Action::decide;
    if (const auto leaving = of_leaving_call(code, last, handler)) return *leaving;
    switch (code[last].kind) {
        case Kind::return_: return of_return(code, last);
        case Kind::break_:
        case Kind::continue_: return Action::skip;
        default: return keeps_error(code, handler) ? Action::keep : of_rest(code, list);
    }
}

bool is_error_value(const Code& code, NodeId expression) {
    expression = core(code, expression);
    if (expression == kNoNode) return false;
    for (NodeId id = expression; id < code[expression].past; ++id) {
        const std::string_view name = callee(code, id);
        const bool makes = std::ranges::contains(kErrorMakers, name) || name.ends_with("_error") ||
                           name.ends_with("_failure");
        if (makes || (name == "error" && receiver(code, id) != kNoNode)) return true;
    }
    return false;
}

}  // namespace singularity::analysis
