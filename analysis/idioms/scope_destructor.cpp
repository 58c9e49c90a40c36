// C++ destructors that release what the object holds. Required: a destructor with a body, and in it a
// release of something that is not local to it. Where the class is in the same file, it must not be
// copyable by accident: two copies would release twice.

#include <algorithm>
#include <optional>

#include "analysis/idioms/scope.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

bool is_destructor(const Function& function) {
    const Code& code = function.code();
    const NodeId declarator = child(code, function.node(), Kind::function_declarator);
    NodeId name = child(code, declarator, Role::declarator);
    while (code.kind(name) == Kind::qualified) name = child(code, name, Role::name);
    return code.kind(name) == Kind::destructor_name;
}

bool is_own(const Function& function, NodeId expression) {
    const Code& code = function.code();
    const NodeId root = root_of(code, core(code, expression));
    if (code.kind(root) == Kind::this_) return true;
    return code.kind(root) == Kind::identifier && function.local(code.text(root)) == nullptr;
}

struct Release {
    NodeId node = kNoNode;
    std::string_view form;  // "delete", "call", "method"
};

Release find_release(const Function& function) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind == Kind::delete_) return {id, "delete"};
        if (code[id].kind != Kind::call) continue;
        const NodeId object = receiver(code, id);
        const bool releases = is_release_name(callee(code, id));
        if (releases && (object == kNoNode ? arguments(code, id).empty() : is_own(function, object)))
            return {id, "method"};
        const auto given = arguments(code, id);
        if (object == kNoNode && releases && !given.empty() && is_own(function, given[0]))
            return {id, "call"};
    }
    return {};
}

// Nothing when the class is not in this file.
std::optional<bool> is_copyable(const Function& function) {
    const Code& code = function.code();
    const NodeId owner = function.enclosing_class();
    if (owner == kNoNode) return std::nullopt;
    const std::string_view type = code.text(child(code, owner, Role::name));
    for (NodeId id = owner + 1; id < code[owner].past; ++id) {
        if (code[id].kind == Kind::deleted) return false;
        if (code[id].kind != Kind::parameters) continue;
        // A constructor from the same type, or an assignment: copying was thought of.
        const bool same = id + 1 < code[id].past && code.text(child(code, id + 1, Role::type)) == type;
        if (same) return false;
    }
    const NodeId bases = owner + 2 < code[owner].past ? owner + 2 : kNoNode;
    return !(bases != kNoNode && code.text(owner).substr(0, 400).contains("noncopyable"));
}

}  // namespace

void find_destructor(const Function& function, Findings& findings) {
    const Code& code = function.code();
    if (!is_destructor(function)) return;
    const Release release = find_release(function);
    if (release.node == kNoNode) return;
    const bool tested = enclosing(code, release.node, {Kind::if_}) != kNoNode;
    const bool repeated = enclosing(code, release.node, kLoops) != kNoNode;
    Match match{.first = function.node(), .last = function.node()};
    match.shape = core::format("(scope (destructor {}{}(release {})))", repeated ? "loop " : "",
                               tested ? "tested " : "", release.form);
    match.words =
        join_words({"destructor", repeated ? "loop" : "", tested ? "tested" : "", "release", release.form});
    match.meaning =
        core::format("Releases in its destructor what the object holds, by {}{}{}.",
                     release.form == "delete" ? "delete"
                     : release.form == "call" ? "a call on it"
                                              : "one of its methods",
                     tested ? ", if there is something to release" : "", repeated ? ", one by one" : "");
    match.elements = {"destructor", "release-of-own-member"};
    match.object(is_copyable(function).value_or(false), "copies-would-release-twice", 0.25);
    match.object(has_within(code, function.body(), {Kind::raise}), "destructor-may-throw", 0.3);
    findings.add(std::move(match));
}

}  // namespace singularity::analysis
