// See channel_condition.hpp. Required of a consumer: a lock, a wait on a condition under it, a predicate
// (an argument of the wait, or a loop around it), and a take from a container behind the wait. Of a
// producer: a put into a container that outlives the call, under a lock, and then a notification.

#include <algorithm>
#include <array>

#include "analysis/idioms/channel_condition.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 10> kTakes = {"pop", "pop_front", "pop_back", "popleft", "front",
                                                     "top", "swap",      "exchange", "extract", "heappop"};
constexpr std::array<std::string_view, 11> kPuts = {
    "push",   "push_back",  "push_front", "emplace", "emplace_back", "emplace_front",
    "append", "appendleft", "add",        "put",     "heappush"};
constexpr std::array<std::string_view, 4> kLockTypes = {"lock_guard", "unique_lock", "scoped_lock",
                                                        "shared_lock"};

bool is_wait(const Code& code, NodeId call) {
    const std::string_view name = callee(code, call);
    const auto given = arguments(code, call).size();
    if (receiver(code, call) == kNoNode) return false;
    if (code.language() == Language::python) return (name == "wait" && given <= 1) || name == "wait_for";
    return (name == "wait" && given >= 1) || ((name == "wait_for" || name == "wait_until") && given >= 2);
}

// A lock object in the blocks around, or Python's with on the same object that is waited on or notified.
NodeId lock_around(const Function& function, NodeId node, NodeId condition) {
    const Code& code = function.code();
    if (function.language() == Language::python) {
        for (NodeId with = enclosing(code, node, {Kind::with}); with != kNoNode;
             with = enclosing(code, with, {Kind::with}))
            for (NodeId id = with + 1; id < child(code, with, Role::body); ++id)
                if (code[id].kind == Kind::with_item && same_expression(code, id, condition)) return with;
        return kNoNode;
    }
    for (const Local& each : function.locals()) {
        if (each.declaration > node || code.kind(each.declaration) != Kind::declaration) continue;
        const std::string_view type = code.text(child(code, each.declaration, Role::type));
        const bool locks =
            std::ranges::any_of(kLockTypes, [&](std::string_view name) { return type.contains(name); });
        if (locks && is_inside(code, node, code[each.declaration].parent)) return each.declaration;
    }
    return kNoNode;
}

bool has_predicate(const Code& code, NodeId wait) {
    const std::string_view name = callee(code, wait);
    const auto given = arguments(code, wait);
    if (code.language() == Language::python)
        return name == "wait_for" || code.kind(enclosing(code, wait, kLoops)) == Kind::while_;
    const std::size_t plain = name == "wait" ? 1 : 2;
    const NodeId loop = enclosing(code, wait, kLoops);
    return given.size() > plain || (code.kind(loop) == Kind::while_ && !is_endless(code, loop));
}

NodeId take_behind(const Function& function, NodeId wait) {
    const Code& code = function.code();
    const bool cpp = function.language() == Language::cpp;
    for (const NodeId id : Within(code, function.body())) {
        if (id < wait || code[id].kind != Kind::call || !std::ranges::contains(kTakes, callee(code, id)))
            continue;
        const auto given = arguments(code, id);
        const bool free_call =
            receiver(code, id) == kNoNode || callee(code, id) == "exchange" || callee(code, id) == "heappop";
        const NodeId container = free_call ? (given.empty() ? kNoNode : given[0]) : receiver(code, id);
        const bool swapped =
            cpp && callee(code, id) == "swap" && !given.empty() && function.outlives_call(given[0]);
        if (container != kNoNode && (function.outlives_call(container) || swapped)) return id;
    }
    return kNoNode;
}

void find_waiting_take(const Function& function, NodeId wait, Findings& findings) {
    const Code& code = function.code();
    const NodeId lock = lock_around(function, wait, receiver(code, wait));
    const NodeId take = take_behind(function, wait);
    if (lock == kNoNode || take == kNoNode) return;
    const bool predicate = has_predicate(code, wait);
    NodeId loop = enclosing(code, take, kLoops);
    if (loop != kNoNode && !is_inside(code, wait, loop)) loop = kNoNode;
    Match match{.first = std::min(statement_of(code, lock), statement_of(code, wait)),
                .last = statement_of(code, take)};
    if (loop != kNoNode) match.first = match.last = loop;
    match.shape = core::format("(consume {}(lock (wait{}) (take)){})", loop != kNoNode ? "(loop " : "",
                               predicate ? " predicate" : "", loop != kNoNode ? ")" : "");
    match.words = join_words(
        {loop != kNoNode ? "consumer-loop" : "blocking-take", "condition", predicate ? "" : "no-predicate"});
    match.meaning =
        core::format("Waits under a lock until a condition is signalled, takes what lies in the container{}.",
                     loop != kNoNode ? ", and does so again and again" : "");
    match.elements = {"lock", "wait", "take"};
    if (predicate) match.elements.emplace_back("predicate");
    match.object(!predicate, "waits-without-predicate", 0.3);
    findings.add(std::move(match));
}

bool is_unlocked_between(const Code& code, NodeId body, NodeId from, NodeId to) {
    for (const NodeId id : Within(code, body))
        if (from < id && id < to && callee(code, id) == "unlock") return true;
    return false;
}

// A put into something that stays, before the notification and under a lock.
void find_notifying_put(const Function& function, NodeId notify, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (id > notify || code[id].kind != Kind::call || !std::ranges::contains(kPuts, callee(code, id)))
            continue;
        NodeId container = receiver(code, id);
        if (callee(code, id) == "heappush" && !arguments(code, id).empty())
            container = arguments(code, id)[0];
        if (container == kNoNode || !function.outlives_call(container)) continue;
        const NodeId lock = lock_around(function, id, receiver(code, notify));
        const bool held = lock != kNoNode && lock_around(function, notify, receiver(code, notify)) == lock;
        const bool inside = held && !is_unlocked_between(code, function.body(), id, notify);
        if (lock == kNoNode && function.language() == Language::python) continue;
        Match match{.first = statement_of(code, lock != kNoNode ? lock : id),
                    .last = statement_of(code, notify)};
        const bool all = callee(code, notify).ends_with("all");
        match.shape = core::format("(produce ({}put) (notify {}{}))", lock != kNoNode ? "lock " : "",
                                   all ? "all" : "one", inside ? " locked" : "");
        match.words = join_words(
            {lock != kNoNode ? "locked-put" : "put", "notify", all ? "all" : "one", inside ? "inside" : ""});
        match.meaning = core::format("Puts an item into a container{} and wakes {} that waits.",
                                     lock != kNoNode ? " under a lock" : "", all ? "everyone" : "one");
        match.elements = {"put", "notify"};
        if (lock != kNoNode) match.elements.insert(match.elements.begin(), "lock");
        match.object(lock == kNoNode, "put-without-lock", 0.3);
        return findings.add(std::move(match));
    }
}

}  // namespace

void find_condition_queue(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind != Kind::call) continue;
        const std::string_view name = callee(code, id);
        if (is_wait(code, id)) find_waiting_take(function, id, findings);
        if (name == "notify_one" || name == "notify_all" ||
            (name == "notify" && receiver(code, id) != kNoNode))
            find_notifying_put(function, id, findings);
    }
}

}  // namespace singularity::analysis
