// See memo_once.hpp. Required: a test whether the value is there, a computation when it is not, a store
// where it outlives the call, and a return of that place; a decorator or a static local stand for all.

#include "analysis/idioms/memo_once.hpp"

#include <algorithm>
#include <array>

#include "analysis/idioms/map_access.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 7> kCaches = {"lru_cache", "cache",    "cached_property", "cached",
                                                     "memoize",   "memoised", "memoized"};
constexpr std::array<std::string_view, 7> kEmptyMakers = {"list",        "dict",        "set",   "deque",
                                                          "defaultdict", "OrderedDict", "object"};

bool returns_value(const Function& function) {
    for (const NodeId id : Within(function.code(), function.body()))
        if (function.code()[id].kind == Kind::return_ && function.code()[id].past > id + 1) return true;
    return false;
}

bool uses_parameter(const Function& function, NodeId value) {
    return std::ranges::any_of(function.parameters(), [&](const Parameter& each) {
        return each.name != "self" && each.name != "cls" && mentions(function.code(), value, each.name);
    });
}

void find_decorator(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId each : decorators(function)) {
        const std::string_view name = decorator_name(code, each);
        if (!std::ranges::contains(kCaches, name)) continue;
        const bool property = name == "cached_property";
        Match match{.first = code[function.node()].parent, .last = code[function.node()].parent};
        match.shape = core::format("(memo (decorator {}) (function return))", property ? "property" : "call");
        match.words = property ? "cached-property" : "caching-decorator";
        match.meaning = property
                            ? "Computes an attribute at its first use and keeps it with the object."
                            : "Lets a decorator keep what the function returns for each set of arguments.";
        match.elements = {"caching-decorator", "computed-value", "return"};
        match.object(!returns_value(function), "nothing-to-keep", 0.6);
        match.object(has_within(code, function.body(), {Kind::yield}), "keeps-a-generator", 0.6);
        match.object(code[function.node()].is_async, "keeps-a-coroutine", 0.6);
        if (!property && !mentions(code, each, "maxsize") && callee(code, called(code, each)).empty())
            match.lacks = {"a bound on what is kept"};
        return findings.add(std::move(match));
    }
}

// `return place`, `return *place`, `return place.value()`.
bool returns_place(const Code& code, NodeId statement, NodeId place) {
    if (code.kind(statement) != Kind::return_ || statement + 1 >= code[statement].past) return false;
    NodeId value = core(code, statement + 1);
    const std::string_view method = callee(code, value);
    if ((method == "value" || method == "get") && arguments(code, value).empty())
        value = receiver(code, value);
    if (code.kind(value) == Kind::pointer) value = child(code, value, Role::object);
    return same_expression(code, value, place);
}

NodeId later_return(const Code& code, NodeId statement, NodeId place) {
    for (NodeId id = next_sibling(code, statement); id != kNoNode; id = next_sibling(code, id))
        if (returns_place(code, id, place)) return id;
    return kNoNode;
}

enum class Test { none, absent, present };

// Whether a condition asks that the place holds nothing, or something.
Test tests(const Code& code, NodeId condition, NodeId place) {
    NodeId node = core(code, condition);
    if (const NodeId negated = operand_of_not(code, node); negated != kNoNode) {
        const Test inner = callee(code, negated) == "hasattr" &&
                                   !code.text(negated).contains(code.text(last_child(code, place)))
                               ? Test::none
                           : callee(code, negated) == "hasattr" ? Test::present
                                                                : tests(code, negated, place);
        return inner == Test::present ? Test::absent : inner == Test::absent ? Test::present : Test::none;
    }
    if (callee(code, node) == "has_value") node = receiver(code, node);
    if (same_expression(code, node, place)) return Test::present;
    if (code.kind(node) != Kind::binary) return Test::none;
    const NodeId left = node + 1, right = last_child(code, node);
    if (code.kind(right) != Kind::null || !same_expression(code, core(code, left), place)) return Test::none;
    const Operator op = code[node].op;
    if (op == Operator::is || op == Operator::equal) return Test::absent;
    return op == Operator::is_not || op == Operator::not_equal ? Test::present : Test::none;
}

// An assignment to a parameter or to a plain local changes nothing outside, whatever it stood for before.
bool keeps(const Function& function, NodeId place) {
    const std::string_view name = function.code().text(place);
    const Local* local = function.local(name);
    const bool own = local != nullptr && !local->is_static && !local->refers;
    return !own && !function.parameter(name) && function.outlives_call(place);
}

bool is_worth_keeping(const Code& code, NodeId value) {
    const NodeId call = called(code, value);
    if (call == kNoNode) return holds_call(code, value);
    return !std::ranges::contains(kEmptyMakers, callee(code, call)) || !arguments(code, call).empty();
}

Match describe_place(const Function& function, NodeId from, NodeId to, NodeId value, std::string_view form) {
    Match match{.first = from, .last = to};
    match.shape = core::format(
        "(memo (place outliving) ({} (hit return)) (miss (compute call) (store place) return))", form);
    match.words = join_words({form, "place"});
    match.meaning =
        "Computes a value when its place is still empty, keeps it there beyond the call, and returns it.";
    match.elements = {"outliving-place", "test", "compute-when-absent", "store-same-place", "return"};
    match.object(uses_parameter(function, value), "first-call-decides", 0.4);
    return match;
}

void find_place(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind != Kind::assign) continue;
        const NodeId place = child(code, id, Role::left), value = child(code, id, Role::right);
        const Kind kind = code.kind(place);
        if (kind != Kind::member && kind != Kind::identifier && kind != Kind::pointer) continue;
        if (!keeps(function, place) || !is_worth_keeping(code, value)) continue;
        const NodeId statement = statement_of(code, id), test = enclosing(code, id, {Kind::if_});
        const NodeId condition = child(code, test, Role::condition);
        if (test != kNoNode && tests(code, condition, place) == Test::absent &&
            is_inside(code, id, child(code, test, Role::consequence)) &&
            enclosing(code, id, kLoops) == enclosing(code, test, kLoops)) {
            const NodeId end = later_return(code, test, place);
            if (end != kNoNode)
                return findings.add(describe_place(function, test, end, value, "absent-test"));
        }
        for (NodeId before = previous_sibling(code, statement); before != kNoNode;
             before = previous_sibling(code, before)) {
            if (code.kind(before) != Kind::if_ ||
                tests(code, child(code, before, Role::condition), place) != Test::present)
                continue;
            const auto branch = statements(code, child(code, before, Role::consequence));
            const NodeId end = later_return(code, statement, place);
            if (end == kNoNode || branch.empty() || !returns_place(code, branch.back(), place)) continue;
            return findings.add(describe_place(function, before, end, value, "present-test"));
        }
    }
}

// `return table`, `return *table`, `return wide ? table : other`.
bool returns_local(const Code& code, NodeId statement, std::string_view name) {
    if (code.kind(statement) != Kind::return_ || statement + 1 >= code[statement].past) return false;
    const NodeId value = core(code, statement + 1);
    const bool chooses = code.kind(value) == Kind::conditional;
    for (const Role role : {Role::consequence, Role::alternative, Role::none}) {
        NodeId part = role == Role::none ? value : chooses ? core(code, child(code, value, role)) : kNoNode;
        if (code.kind(part) == Kind::pointer) part = child(code, part, Role::object);
        if (code.text(part) == name) return true;
    }
    return false;
}

void find_static_local(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const Local& each : function.locals()) {
        if (!each.is_static || called(code, each.value) == kNoNode) continue;
        for (const NodeId id : Within(code, function.body())) {
            if (!returns_local(code, id, each.name)) continue;
            Match match{.first = each.declaration, .last = id};
            match.shape = "(memo (static local (compute call)) return)";
            match.words = "static-local";
            match.meaning =
                "Computes a value at the first call, keeps it in a static local variable, and returns it "
                "from then on.";
            match.elements = {"static-local", "computed-value", "return"};
            match.object(uses_parameter(function, each.value), "first-call-decides", 0.4);
            return findings.add(std::move(match));
        }
    }
}

}  // namespace

std::vector<NodeId> decorators(const Function& function) {
    const Code& code = function.code();
    std::vector<NodeId> result;
    const NodeId around = code[function.node()].parent;
    if (code.kind(around) != Kind::decorated) return result;
    for (const NodeId each : Children(code, around))
        if (code[each].kind == Kind::decorator) result.push_back(each + 1);
    return result;
}

std::string_view decorator_name(const Code& code, NodeId decorator) {
    if (code.kind(decorator) == Kind::call) return callee(code, decorator);
    const NodeId name = code.kind(decorator) == Kind::member ? child(code, decorator, Role::name) : decorator;
    return code.text(name);
}

void find_memo_once(const Function& function, Findings& findings) {
    if (function.language() == Language::python) find_decorator(function, findings);
    if (function.language() == Language::cpp) find_static_local(function, findings);
    find_place(function, findings);
}

}  // namespace singularity::analysis
