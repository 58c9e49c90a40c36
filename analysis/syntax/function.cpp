#include "analysis/syntax/function.hpp"

#include <algorithm>

namespace singularity::analysis {
namespace {

constexpr KindSet kFunctions{Kind::function, Kind::lambda};
constexpr KindSet kChains{Kind::member, Kind::subscript, Kind::pointer, Kind::parenthesized, Kind::call};

}  // namespace

std::vector<NodeId> function_nodes(const Code& code) {
    std::vector<NodeId> result;
    for (NodeId id = 0; id < code.size(); ++id) {
        const NodeId body = kFunctions.contains(code[id].kind) ? child(code, id, Role::body) : kNoNode;
        if (code.kind(body) == Kind::block || code.kind(body) == Kind::try_) result.push_back(id);
    }
    return result;
}

std::vector<NodeId> bound_names(const Code& code, NodeId target) {
    std::vector<NodeId> result;
    if (target == kNoNode) return result;
    for (NodeId id = target; id < code[target].past;) {
        const Kind kind = code[id].kind;
        if (kind == Kind::identifier) result.push_back(id);
        const bool opaque = kind == Kind::member || kind == Kind::subscript || kind == Kind::arguments ||
                            kind == Kind::initializer_list || kind == Kind::parameters;
        id = opaque ? code[id].past : id + 1;
    }
    return result;
}

NodeId root_of(const Code& code, NodeId expression) {
    while (expression != kNoNode && kChains.contains(code[expression].kind)) {
        const Role role = code[expression].kind == Kind::call ? Role::callee : Role::object;
        const NodeId object = child(code, expression, role);
        expression = object != kNoNode ? object : expression + 1;
    }
    return expression;
}

Function::Function(const Code& code, const FileFacts& facts, NodeId node)
    : code_(&code),
      facts_(&facts),
      node_(node),
      body_(child(code, node, Role::body)),
      name_(function_name(code, node)) {
    collect_parameters();
    collect_locals();
}

NodeId Function::enclosing_class() const {
    for (NodeId id = (*code_)[node_].parent; id != kNoNode; id = (*code_)[id].parent) {
        if ((*code_)[id].kind == Kind::class_) return id;
        if (kFunctions.contains((*code_)[id].kind)) return kNoNode;
    }
    return kNoNode;
}

const Parameter* Function::parameter(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    return found == parameters_.end() ? nullptr : &*found;
}

const Local* Function::local(std::string_view name) const {
    const auto found = std::ranges::find(locals_, name, &Local::name);
    return found == locals_.end() ? nullptr : &*found;
}

bool Function::outlives_call(NodeId expression) const {
    const Code& code = *code_;
    // A local that stands for something else is followed, a few steps at most.
    for (int step = 0; step < 4; ++step) {
        const NodeId root = root_of(code, core(code, expression));
        if (code.kind(root) == Kind::this_ || code.kind(root) == Kind::qualified) return true;
        if (code.kind(root) != Kind::identifier) return false;
        const std::string_view name = code.text(root);
        const bool itself = root == core(code, expression);
        if (name == "self" || name == "cls") return !itself;
        if (const Parameter* found = parameter(name))
            return found->refers || (language() == Language::python && (found->has_default || !itself));
        const Local* found = local(name);
        if (found == nullptr || found->is_static) return true;
        const bool stands_for = found->refers || language() == Language::python;
        const Kind value = code.kind(core(code, found->value));
        if (!stands_for || (value != Kind::member && value != Kind::identifier)) return false;
        expression = found->value;
    }
    return false;
}

}  // namespace singularity::analysis
