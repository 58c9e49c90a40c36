#include "analysis/syntax/query.hpp"

#include <algorithm>
#include <cctype>

namespace singularity::analysis {

NodeId child(const Code& code, NodeId node, Role role) {
    for (const NodeId each : Children(code, node))
        if (code[each].role == role) return each;
    return kNoNode;
}

NodeId child(const Code& code, NodeId node, Kind kind) {
    for (const NodeId each : Children(code, node))
        if (code[each].kind == kind) return each;
    return kNoNode;
}

NodeId last_child(const Code& code, NodeId node) {
    NodeId last = kNoNode;
    for (const NodeId each : Children(code, node)) last = each;
    return last;
}

NodeId first_within(const Code& code, NodeId node, KindSet kinds) {
    for (const NodeId each : Within(code, node))
        if (kinds.contains(code[each].kind)) return each;
    return kNoNode;
}

bool has_within(const Code& code, NodeId node, KindSet kinds) {
    return first_within(code, node, kinds) != kNoNode;
}

bool is_inside(const Code& code, NodeId inner, NodeId outer) {
    return inner != kNoNode && outer != kNoNode && outer <= inner && inner < code[outer].past;
}

NodeId enclosing(const Code& code, NodeId node, KindSet kinds) {
    if (node == kNoNode) return kNoNode;
    for (NodeId id = code[node].parent; id != kNoNode; id = code[id].parent) {
        if (kinds.contains(code[id].kind)) return id;
        if (kScopes.contains(code[id].kind)) return kNoNode;
    }
    return kNoNode;
}

NodeId previous_sibling(const Code& code, NodeId node) {
    NodeId previous = kNoNode;
    if (node == kNoNode) return previous;
    for (const NodeId each : Children(code, code[node].parent)) {
        if (each == node) break;
        previous = each;
    }
    return previous;
}

NodeId next_sibling(const Code& code, NodeId node) {
    if (node == kNoNode || code[node].parent == kNoNode) return kNoNode;
    const NodeId next = code[node].past;
    return next < code[code[node].parent].past ? next : kNoNode;
}

NodeId statement_of(const Code& code, NodeId node) {
    while (node != kNoNode && code.kind(code[node].parent) != Kind::block) node = code[node].parent;
    return node;
}

std::vector<NodeId> statements(const Code& code, NodeId body) {
    if (body == kNoNode) return {};
    if (code[body].kind == Kind::else_ || code[body].kind == Kind::finally_) body = last_child(code, body);
    if (code.kind(body) != Kind::block) return {body};
    std::vector<NodeId> result;
    for (const NodeId each : Children(code, body)) result.push_back(each);
    return result;
}

bool always_leaves(const Code& code, NodeId body) {
    // An if-else chain is followed to its last branch; each branch has to leave by itself.
    for (;;) {
        const auto list = statements(code, body);
        if (list.empty()) return false;
        const NodeId last = list.back();
        if (kLeaving.contains(code.kind(last))) return true;
        if (code.kind(last) != Kind::if_ || code.kind(last_child(code, last)) != Kind::else_) return false;
        for (const NodeId each : Children(code, last)) {
            const NodeId branch = code[each].kind == Kind::elif ? child(code, each, Role::consequence) : each;
            if (code[each].role != Role::consequence && code[each].kind != Kind::elif) continue;
            const auto inner = statements(code, branch);
            if (inner.empty() || !kLeaving.contains(code.kind(inner.back()))) return false;
        }
        body = last_child(code, last);
    }
}

bool is_endless(const Code& code, NodeId loop) {
    const NodeId condition = core(code, child(code, loop, Role::condition));
    if (code.kind(loop) == Kind::for_counted) return condition == kNoNode;
    if (code.kind(loop) != Kind::while_ && code.kind(loop) != Kind::do_while) return false;
    return code.kind(condition) == Kind::true_ || code.text(condition) == "1";
}

}  // namespace singularity::analysis
