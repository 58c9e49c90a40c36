#include "analysis/idioms/delay_amount.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 5> kRandom = {"random", "uniform", "randint", "rand", "jitter"};

bool has_operator(const Code& code, NodeId node, std::initializer_list<Operator> operators,
                  const std::vector<std::string_view>& varying) {
    for (const NodeId id : Within(code, node)) {
        if (code[id].kind != Kind::binary || !std::ranges::contains(operators, code[id].op)) continue;
        if (std::ranges::any_of(varying, [&](std::string_view each) { return mentions(code, id, each); }))
            return true;
    }
    return false;
}

std::vector<Change> changes(const Code& code, NodeId loop) {
    std::vector<Change> result;
    for (const NodeId id : Within(code, loop)) {
        const Kind kind = code[id].kind;
        if (kind == Kind::assign || kind == Kind::augment) {
            NodeId target = child(code, id, Role::left);
            if (target == kNoNode) target = child(code, id, Role::object);
            const Operator op = kind == Kind::augment ? code[id].op : Operator::none;
            const bool grows =
                op == Operator::multiply || op == Operator::shift_left || op == Operator::power;
            result.push_back({target, child(code, id, Role::right), grows, op == Operator::add});
        } else if (kind == Kind::init_declarator) {
            result.push_back({child(code, id, Role::declarator), child(code, id, Role::value), false, false});
        }
    }
    return result;
}

}  // namespace

std::string_view single_name(const Code& code, NodeId target) {
    const auto names = bound_names(code, target);
    return names.size() == 1 ? code.text(names.front()) : std::string_view();
}

std::vector<std::string_view> varying_names(const Code& code, NodeId loop) {
    std::vector<std::string_view> result;
    if (code.kind(loop) == Kind::for_each)
        for (const NodeId name : bound_names(code, child(code, loop, Role::left)))
            result.push_back(code.text(name));
    for (const NodeId id : Within(code, loop)) {
        if (code[id].kind != Kind::augment) continue;
        const NodeId left = child(code, id, Role::left);
        const std::string_view name =
            single_name(code, left != kNoNode ? left : child(code, id, Role::object));
        if (!name.empty()) result.push_back(name);
    }
    return result;
}

AmountReader::AmountReader(const Code& code, NodeId loop)
    : code_(code), loop_(loop), varying_(varying_names(code, loop)), changes_(changes(code, loop)) {}

void AmountReader::read(NodeId amount, int depth) {
    note_operators(amount);
    note_calls(amount);
    for (const NodeId id : Within(code_, amount)) {
        if (!is_variable(code_, id)) continue;
        note_variable(code_.text(id));
        if (depth < 2) follow(code_.text(id), depth);
    }
}

Growth AmountReader::growth() const {
    return exponential_ ? Growth::exponential
           : listed_    ? Growth::listed
           : linear_    ? Growth::linear
           : computed_  ? Growth::computed
                        : Growth::fixed;
}

void AmountReader::note_operators(NodeId amount) {
    if (has_operator(code_, amount, {Operator::power, Operator::shift_left}, varying_)) exponential_ = true;
    if (has_operator(code_, amount, {Operator::multiply, Operator::add}, varying_)) linear_ = true;
}

void AmountReader::note_calls(NodeId amount) {
    for (const NodeId id : Within(code_, amount)) {
        if (code_[id].kind != Kind::call) continue;
        const std::string_view name = callee(code_, id);
        if (name == "pow" || name == "ldexp" || name == "exp2") exponential_ = true;
        for (const std::string_view word : kRandom)
            if (contains_word(name, word)) jitter_ = true;
        for (const std::string_view word : {"backoff", "delay"})
            if (contains_word(code_.text(child(code_, id, Role::callee)), word)) computed_ = true;
    }
}

void AmountReader::note_variable(std::string_view name) {
    const NodeId target =
        child(code_, loop_, code_.language() == Language::cpp ? Role::declarator : Role::left);
    if (code_[loop_].kind == Kind::for_each && single_name(code_, target) == name) {
        const bool counted = callee(code_, called(code_, child(code_, loop_, Role::right))) == "range";
        (counted ? linear_ : listed_) = true;
    } else if (std::ranges::contains(varying_, name)) {
        linear_ = true;
    }
}

void AmountReader::follow(std::string_view name, int depth) {
    for (const Change& each : changes_) {
        if (single_name(code_, each.target) != name) continue;
        if (each.multiplies) exponential_ = true;
        if (each.adds) linear_ = true;
        if (mentions(code_, each.value, name)) {
            if (has_operator(code_, each.value, {Operator::multiply, Operator::shift_left}, {name}))
                exponential_ = true;
            if (has_operator(code_, each.value, {Operator::add}, {name})) linear_ = true;
            note_calls(each.value);
        } else if (each.value != kNoNode) {
            read(each.value, depth + 1);
        }
    }
}

}  // namespace singularity::analysis
