// The part of guard_action.hpp that reads what a handler catches.

#include <algorithm>
#include <array>

#include "analysis/idioms/guard_action.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 4> kFlow = {"StopIteration", "StopAsyncIteration", "GeneratorExit",
                                                   "EOFError"};

Caught caught_cpp(const Code& code, NodeId handler) {
    const NodeId list = child(code, handler, Kind::parameters);
    if (list == kNoNode || code[list].past == list + 1) return Caught::everything;
    const std::string type = compact(code, child(code, list + 1, Role::type));
    return type == "std::exception" || type == "exception" ? Caught::broad : Caught::typed;
}

// The last names of the errors that an except clause lists.
std::vector<std::string_view> error_types(const Code& code, NodeId handler) {
    std::vector<std::string_view> result;
    const NodeId body = handler_body(code, handler);
    NodeId past = body;
    if (const NodeId pattern = child(code, handler, Kind::as_pattern); pattern != kNoNode)
        past = child(code, pattern, Role::alias);
    for (NodeId id = handler + 1; id < past; ++id) {
        const bool qualifies = code.kind(code[id].parent) == Kind::member && code[id].role == Role::object;
        if (code[id].kind == Kind::identifier && !qualifies) result.push_back(code.text(id));
    }
    return result;
}

Caught caught_python(const Code& code, NodeId handler) {
    const auto types = error_types(code, handler);
    if (types.empty() || std::ranges::contains(types, "BaseException")) return Caught::everything;
    if (std::ranges::contains(types, "Exception")) return Caught::broad;
    const bool flow =
        std::ranges::all_of(types, [](auto type) { return std::ranges::contains(kFlow, type); });
    return flow ? Caught::flow : Caught::typed;
}

}  // namespace

std::string_view name(Caught caught) {
    constexpr std::array<std::string_view, 4> kNames = {"typed", "broad", "everything", "flow"};
    return kNames[static_cast<std::size_t>(caught)];
}

NodeId handler_body(const Code& code, NodeId handler) {
    const NodeId body = child(code, handler, Role::body);
    return body != kNoNode ? body : last_child(code, handler);
}

Caught caught_by(const Code& code, NodeId handler) {
    return code.language() == Language::cpp ? caught_cpp(code, handler) : caught_python(code, handler);
}

bool is_optional_import(const Code& code, NodeId attempt) {
    if (!has_within(code, child(code, attempt, Role::body), {Kind::import})) return false;
    for (const NodeId each : Children(code, attempt)) {
        if (code[each].kind != Kind::handler) continue;
        for (const std::string_view type : error_types(code, each))
            if (type != "ImportError" && type != "ModuleNotFoundError") return false;
    }
    return true;
}

bool catches_by_value(const Code& code, NodeId handler) {
    const NodeId list = child(code, handler, Kind::parameters);
    if (list == kNoNode || code[list].past == list + 1) return false;
    const bool refers = code.text(list).contains('&') || code.text(list).contains('*');
    return !refers && code.kind(child(code, list + 1, Role::type)) != Kind::primitive_type;
}

}  // namespace singularity::analysis
