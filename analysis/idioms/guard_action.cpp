#include "analysis/idioms/guard_action.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 4> kFlow = {"StopIteration", "StopAsyncIteration", "GeneratorExit",
                                                   "EOFError"};
constexpr std::array<std::string_view, 6> kErrorMakers = {"unexpected",      "failure", "make_error",
                                                          "make_error_code", "fail",    "Error"};
constexpr std::array<std::string_view, 11> kNames = {
    "ignore",       "report",    "fall-back", "skip",         "return-empty", "return-value",
    "return-error", "translate", "reraise",   "rethrow-only", "decide"};
constexpr std::array<std::string_view, 11> kSentences = {"passes over it",
                                                         "reports it and goes on",
                                                         "falls back to another value",
                                                         "goes on with the loop or ends it",
                                                         "returns nothing",
                                                         "returns another value",
                                                         "returns an error value",
                                                         "raises another error in its place",
                                                         "acts and lets it through",
                                                         "lets it through",
                                                         "decides by a test what to do"};

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
    if (value == kNoNode || code.kind(value) == Kind::null || code.text(value) == "std::nullopt")
        return Action::return_empty;
    return is_error_value(code, value) ? Action::return_error : Action::return_value;
}

// What the statements do that go on after themselves.
Action of_rest(const Code& code, const std::vector<NodeId>& list) {
    bool assigns = false, acts = false;
    for (const NodeId statement : list) {
        assigns |= has_within(code, statement, {Kind::assign, Kind::augment});
        acts |= has_within(code, statement, {Kind::call, Kind::delete_, Kind::yield, Kind::new_});
        const bool decides =
            code[statement].kind == Kind::if_ &&
            has_within(code, statement, {Kind::raise, Kind::return_, Kind::break_, Kind::continue_});
        if (decides) return Action::decide;
    }
    return assigns ? Action::fall_back : acts ? Action::report : Action::ignore;
}

}  // namespace

std::string_view name(Caught caught) {
    constexpr std::array<std::string_view, 4> kCaught = {"typed", "broad", "everything", "flow"};
    return kCaught[static_cast<std::size_t>(caught)];
}

std::string_view name(Action action) {
    return kNames[static_cast<std::size_t>(action)];
}

std::string_view describe(Action action) {
    return kSentences[static_cast<std::size_t>(action)];
}

NodeId handler_body(const Code& code, NodeId handler) {
    const NodeId body = child(code, handler, Role::body);
    return body != kNoNode ? body : last_child(code, handler);
}

Caught caught_by(const Code& code, NodeId handler) {
    if (code.language() == Language::cpp) {
        const NodeId list = child(code, handler, Kind::parameters);
        if (list == kNoNode || code[list].past == list + 1) return Caught::everything;
        const std::string type = compact(code, child(code, list + 1, Role::type));
        return type == "std::exception" || type == "exception" ? Caught::broad : Caught::typed;
    }
    NodeId types = handler + 1;
    if (types >= code[handler].past || code[types].kind == Kind::block) return Caught::everything;
    if (code[types].kind == Kind::as_pattern) types = types + 1;
    Caught result = Caught::flow;
    for (const NodeId name : bound_names(code, types)) {
        const std::string_view text = code.text(name);
        if (text == "BaseException") return Caught::everything;
        if (text == "Exception") return Caught::broad;
        if (!std::ranges::contains(kFlow, text)) result = Caught::typed;
    }
    return bound_names(code, types).empty() ? Caught::typed : result;
}

Action action_of(const Code& code, NodeId handler) {
    const auto list = statements(code, handler_body(code, handler));
    if (list.empty()) return Action::ignore;
    const NodeId last = list.back();
    switch (code[last].kind) {
        case Kind::raise: return of_raise(code, last, handler, list.size() == 1);
        case Kind::return_: return of_return(code, last);
        case Kind::break_:
        case Kind::continue_: return Action::skip;
        default: return of_rest(code, list);
    }
}

bool is_error_value(const Code& code, NodeId expression) {
    expression = core(code, expression);
    if (expression == kNoNode) return false;
    for (NodeId id = expression; id < code[expression].past; ++id) {
        const std::string_view name = callee(code, id);
        if (std::ranges::contains(kErrorMakers, name) || name.ends_with("_error") ||
            name.ends_with("_failure"))
            return true;
        if (name == "error" && receiver(code, id) != kNoNode) return true;
    }
    return false;
}

bool catches_by_value(const Code& code, NodeId handler) {
    const NodeId list = child(code, handler, Kind::parameters);
    if (list == kNoNode || code[list].past == list + 1) return false;
    const NodeId type = child(code, list + 1, Role::type);
    const bool referred = has_within(code, list, {Kind::reference_declarator, Kind::pointer_declarator});
    return !referred && code.kind(type) != Kind::primitive_type && !code.text(list).contains('&') &&
           !code.text(list).contains('*');
}

}  // namespace singularity::analysis
