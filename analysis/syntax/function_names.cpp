// The part of function.hpp that names functions and collects what lives inside of them.

#include <algorithm>
#include <cctype>

#include "analysis/syntax/function.hpp"

namespace singularity::analysis {
namespace {

bool is_macro_name(std::string_view text) {
    return text.size() > 1 && std::ranges::all_of(text, [](unsigned char c) {
               return std::isupper(c) || std::isdigit(c) || c == '_';
           });
}

std::string own_name(const Code& code, NodeId node) {
    if (code[node].kind == Kind::lambda) return "(lambda)";
    if (const NodeId name = child(code, node, Role::name); name != kNoNode) return compact(code, name);
    NodeId declarator = child(code, node, Role::declarator);
    while (declarator != kNoNode && code[declarator].kind != Kind::function_declarator) {
        const NodeId inner = child(code, declarator, Role::declarator);
        declarator = inner != kNoNode ? inner : child(code, declarator, Kind::function_declarator);
    }
    const NodeId name = child(code, declarator, Role::declarator);
    // A macro that makes a function, such as TEST(Suite, name), is named with its arguments.
    if (is_macro_name(code.text(name))) return compact(code, declarator);
    return name == kNoNode ? "(unnamed)" : compact(code, name);
}

}  // namespace

std::string function_name(const Code& code, NodeId node) {
    const std::string_view separator = code.language() == Language::cpp ? "::" : ".";
    std::string result = own_name(code, node);
    for (NodeId id = code[node].parent; id != kNoNode; id = code[id].parent) {
        if (!kScopes.contains(code[id].kind)) continue;
        const std::string outer =
            code[id].kind == Kind::class_ ? compact(code, child(code, id, Role::name)) : own_name(code, id);
        if (!outer.empty() && outer != "(unnamed)") result = outer + std::string(separator) + result;
    }
    return result;
}

void Function::add_local(Local added) {
    const bool outer = std::ranges::contains(outer_names_, added.name);
    if (!outer && !parameter(added.name) && !local(added.name)) locals_.push_back(added);
}

void Function::collect_parameters() {
    const Code& code = *code_;
    const NodeId scope = code[node_].kind == Kind::lambda || language() == Language::cpp
                             ? child(code, node_, Role::declarator)
                             : node_;
    NodeId list = child(code, node_, Role::parameters);
    for (NodeId id = scope; list == kNoNode && id != kNoNode && id < code[scope].past; ++id)
        if (code[id].kind == Kind::parameters) list = id;
    for (const NodeId each : Children(code, list)) {
        const bool plain = code[each].kind == Kind::identifier;
        const NodeId named = child(code, each, language() == Language::cpp ? Role::declarator : Role::name);
        const NodeId target = plain ? each : named != kNoNode ? named : each + 1;
        if (!plain && target >= code[each].past) continue;
        const auto names = bound_names(code, target);
        if (names.empty()) continue;
        const bool refers =
            code[target].kind == Kind::reference_declarator || code[target].kind == Kind::pointer_declarator;
        parameters_.push_back({code.text(names.front()), refers, code[each].kind == Kind::default_parameter});
    }
}

void Function::collect_cpp_declaration(NodeId declaration) {
    const Code& code = *code_;
    const bool is_static = code.text(child(code, declaration, Kind::storage_class)) == "static";
    for (const NodeId each : Children(code, declaration)) {
        if (code[each].role != Role::declarator) continue;
        const bool initialised = code[each].kind == Kind::init_declarator;
        const NodeId declarator = initialised ? child(code, each, Role::declarator) : each;
        const NodeId value = initialised ? child(code, each, Role::value) : kNoNode;
        const bool refers = code.kind(declarator) == Kind::reference_declarator ||
                            code.kind(declarator) == Kind::pointer_declarator;
        for (const NodeId name : bound_names(code, declarator))
            add_local({code.text(name), declaration, value, is_static, refers});
    }
}

void Function::collect_locals() {
    const Code& code = *code_;
    for (const NodeId id : Within(code, body_))
        if (code[id].kind == Kind::outer_names)
            for (const NodeId name : bound_names(code, id)) outer_names_.push_back(code.text(name));
    for (const NodeId id : Within(code, body_)) {
        const Kind kind = code[id].kind;
        if (kind == Kind::declaration) collect_cpp_declaration(id);
        NodeId target = kNoNode;
        if (kind == Kind::for_each && language() == Language::cpp) target = child(code, id, Role::declarator);
        if (language() == Language::python && (kind == Kind::assign || kind == Kind::for_each))
            target = child(code, id, Role::left);
        if (kind == Kind::named_expression) target = child(code, id, Role::name);
        if (kind == Kind::as_pattern) target = child(code, id, Role::alias);
        const NodeId value = child(code, id, kind == Kind::named_expression ? Role::value : Role::right);
        for (const NodeId name : bound_names(code, target))
            add_local({code.text(name), id, kind == Kind::for_each ? kNoNode : value, false, false});
    }
}

}  // namespace singularity::analysis
