#include "analysis/idioms/map_access.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 4> kFinds = {"find", "contains", "count", "at"};
constexpr std::array<std::string_view, 3> kEmplaces = {"emplace", "try_emplace", "insert_or_assign"};

bool is_target(const Code& code, NodeId node) {
    return code.kind(code[node].parent) == Kind::assign && code[node].role == Role::left;
}

MapAccess read_membership(const Code& code, NodeId node) {
    std::vector<NodeId> sides;
    for (const NodeId each : Children(code, node)) sides.push_back(each);
    if (sides.size() != 2) return {};
    return {.node = node, .map = sides[1], .key = sides[0], .form = "membership"};
}

MapAccess read_lookup(const Function& function, NodeId id) {
    const Code& code = function.code();
    const bool cpp = function.language() == Language::cpp;
    const Node& node = code[id];
    if (node.kind == Kind::binary && (node.op == Operator::in || node.op == Operator::not_in))
        return read_membership(code, id);
    if (node.kind == Kind::subscript && !is_target(code, id))
        return {.node = id, .map = map_of(code, id), .key = key_of(code, id), .form = "subscript"};
    if (node.kind != Kind::call || receiver(code, id) == kNoNode) return {};
    const auto given = arguments(code, id);
    const bool finds = cpp && std::ranges::contains(kFinds, callee(code, id)) && given.size() == 1;
    const bool gets = !cpp && callee(code, id) == "get" && (given.size() == 1 || given.size() == 2);
    if (!finds && !gets) return {};
    return {.node = id, .map = receiver(code, id), .key = given[0], .form = cpp ? "find" : "get"};
}

NodeId innermost_value(const Code& code, NodeId assign) {
    NodeId value = child(code, assign, Role::right);
    while (code.kind(value) == Kind::assign) value = child(code, value, Role::right);
    return value;
}

MapAccess read_emplace(const Code& code, NodeId call) {
    const auto given = arguments(code, call);
    const std::string_view name = callee(code, call);
    if (std::ranges::contains(kEmplaces, name) && !given.empty())
        return {.node = call,
                .map = receiver(code, call),
                .key = given[0],
                .value = given.size() > 1 ? given[1] : kNoNode,
                .form = "emplace"};
    if (name != "insert" || given.size() != 1) return {};
    std::vector<NodeId> pair = arguments(code, given[0]);
    if (code.kind(given[0]) == Kind::initializer_list)
        for (const NodeId each : Children(code, given[0])) pair.push_back(each);
    if (pair.size() != 2) return {};
    return {.node = call, .map = receiver(code, call), .key = pair[0], .value = pair[1], .form = "insert"};
}

MapAccess read_store(const Function& function, NodeId id) {
    const Code& code = function.code();
    if (code[id].kind == Kind::assign) {
        const NodeId target = child(code, id, Role::left);
        if (code.kind(target) != Kind::subscript) return {};
        return {.node = id,
                .map = map_of(code, target),
                .key = key_of(code, target),
                .value = innermost_value(code, id),
                .form = "subscript"};
    }
    const bool calls = function.language() == Language::cpp && code[id].kind == Kind::call;
    return calls && receiver(code, id) != kNoNode ? read_emplace(code, id) : MapAccess{};
}

}  // namespace

NodeId map_of(const Code& code, NodeId subscript) {
    if (code.kind(subscript) != Kind::subscript) return kNoNode;
    const NodeId object = child(code, subscript, Role::object);
    return object != kNoNode ? object : child(code, subscript, Role::value);
}

NodeId key_of(const Code& code, NodeId subscript) {
    NodeId key = child(code, subscript, Role::index);
    if (code.kind(key) == Kind::arguments) key = key + 1 < code[key].past ? key + 1 : kNoNode;
    return key;
}

std::vector<MapAccess> lookups(const Function& function) {
    std::vector<MapAccess> result;
    for (const NodeId id : Within(function.code(), function.body()))
        if (const MapAccess found = read_lookup(function, id); found.node != kNoNode) result.push_back(found);
    return result;
}

std::vector<MapAccess> stores(const Function& function) {
    std::vector<MapAccess> result;
    for (const NodeId id : Within(function.code(), function.body()))
        if (const MapAccess found = read_store(function, id); found.node != kNoNode) result.push_back(found);
    return result;
}

bool same_entry(const Code& code, const MapAccess& left, const MapAccess& right) {
    return same_expression(code, left.map, right.map) && same_expression(code, left.key, right.key);
}

std::vector<std::string_view> names_bound_to(const Code& code, NodeId expression) {
    std::vector<std::string_view> result;
    constexpr KindSet kTransparent{Kind::parenthesized, Kind::await, Kind::member, Kind::call, Kind::pointer};
    for (NodeId id = expression; id != kNoNode; id = code[id].parent) {
        const Kind kind = code[id].kind;
        const bool binds =
            kind == Kind::assign || kind == Kind::init_declarator || kind == Kind::named_expression;
        if (!binds && id != expression && !kTransparent.contains(kind)) break;
        if (!binds) continue;
        NodeId target = child(code, id, Role::left);
        if (target == kNoNode) target = child(code, id, Role::declarator);
        if (target == kNoNode) target = child(code, id, Role::name);
        for (const NodeId name : bound_names(code, target)) result.push_back(code.text(name));
    }
    return result;
}

}  // namespace singularity::analysis
