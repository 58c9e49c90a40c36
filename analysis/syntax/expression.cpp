// The part of query.hpp that reads expressions and calls.

#include <algorithm>
#include <cctype>

#include "analysis/syntax/query.hpp"

namespace singularity::analysis {
namespace {

constexpr KindSet kWrappers{Kind::parenthesized, Kind::await, Kind::condition, Kind::expression_statement};
constexpr KindSet kConstants{Kind::number, Kind::string, Kind::true_,           Kind::false_,
                             Kind::null,   Kind::pass,   Kind::initializer_list};

// The last name of what is called: the field of a member, the name of a qualified or templated one.
NodeId last_name(const Code& code, NodeId node) {
    while (node != kNoNode && code[node].kind != Kind::identifier) {
        const NodeId named = child(code, node, Role::name);
        node = named != kNoNode ? named : child(code, node, Kind::identifier);
    }
    return node;
}

}  // namespace

NodeId core(const Code& code, NodeId node) {
    while (node != kNoNode && kWrappers.contains(code[node].kind)) {
        const NodeId value = child(code, node, Role::value);
        if (value != kNoNode) {
            node = value;
            continue;
        }
        const NodeId first = node + 1 < code[node].past ? node + 1 : kNoNode;
        if (first != kNoNode && code[first].past != code[node].past) return node;  // several parts
        node = first;
    }
    return node;
}

NodeId operand_of_not(const Code& code, NodeId node) {
    node = core(code, node);
    if (code.kind(node) != Kind::unary || code[node].op != Operator::not_) return kNoNode;
    return core(code, child(code, node, Role::object));
}

std::string compact(const Code& code, NodeId node) {
    std::string result;
    for (const char c : code.text(node))
        if (!std::isspace(static_cast<unsigned char>(c))) result += c;
    return result;
}

bool same_expression(const Code& code, NodeId left, NodeId right) {
    return left != kNoNode && right != kNoNode && compact(code, left) == compact(code, right);
}

bool is_variable(const Code& code, NodeId node) {
    if (code.kind(node) != Kind::identifier) return false;
    const Kind around = code.kind(code[node].parent);
    const bool field = around == Kind::member || around == Kind::keyword_argument;
    return !field || code[node].role != Role::name;
}

bool mentions(const Code& code, NodeId node, std::string_view name) {
    if (node == kNoNode || name.empty()) return false;
    for (NodeId id = node; id < code[node].past; ++id)
        if (is_variable(code, id) && code.text(id) == name) return true;
    return false;
}

bool is_constant(const Code& code, NodeId node) {
    node = core(code, node);
    if (node == kNoNode) return true;
    if (code.kind(node) == Kind::unary) return is_constant(code, child(code, node, Role::object));
    const bool empty_collection = code[node].kind == Kind::collection && code[node].past == node + 1;
    return empty_collection || kConstants.contains(code[node].kind);
}

bool contains_word(std::string_view name, std::string_view word) {
    const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == b; };
    return !std::ranges::search(name, word, same).empty();
}

std::string_view callee(const Code& code, NodeId call) {
    if (code.kind(call) != Kind::call) return {};
    return code.text(last_name(code, child(code, call, Role::callee)));
}

NodeId receiver(const Code& code, NodeId call) {
    if (code.kind(call) != Kind::call) return kNoNode;
    NodeId function = child(code, call, Role::callee);
    if (code.kind(function) == Kind::template_) function = child(code, function, Role::name);
    return code.kind(function) == Kind::member ? child(code, function, Role::object) : kNoNode;
}

std::vector<NodeId> arguments(const Code& code, NodeId call) {
    std::vector<NodeId> result;
    const NodeId list = code.kind(call) == Kind::call ? child(code, call, Role::arguments) : kNoNode;
    for (const NodeId each : Children(code, list)) result.push_back(each);
    return result;
}

bool holds_call(const Code& code, NodeId node) {
    return has_within(code, node, {Kind::call, Kind::new_});
}

NodeId called(const Code& code, NodeId node) {
    node = core(code, node);
    return code.kind(node) == Kind::call ? node : kNoNode;
}

}  // namespace singularity::analysis
