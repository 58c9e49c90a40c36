// Python's scopes written out: acquire, try, finally release; and the functions that make a class or a
// generator a context manager.

#include <algorithm>

#include "analysis/idioms/memo_once.hpp"
#include "analysis/idioms/scope.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr int kReach = 3;  // statements between the acquisition and the try, at most

// The call in `finally` that gives back what `held` names: held.close(), os.close(held), held.release().
NodeId release_in(const Code& code, NodeId finally, const std::string& held) {
    for (const NodeId id : Within(code, finally)) {
        if (code[id].kind != Kind::call) continue;
        const bool on = receiver(code, id) != kNoNode && compact(code, receiver(code, id)) == held;
        const auto given = arguments(code, id);
        const bool with =
            std::ranges::any_of(given, [&](NodeId each) { return compact(code, each) == held; });
        if ((on || with) && is_release_name(callee(code, id))) return id;
    }
    return kNoNode;
}

struct Acquired {
    NodeId statement = kNoNode;
    std::string held;  // the expression that names the resource
    bool by_method = false;
};

// `name = call(…)` or `lock.acquire()`.
Acquired acquired_by(const Code& code, NodeId statement) {
    const NodeId expression = core(code, statement);
    if (code.kind(expression) == Kind::assign &&
        called(code, child(code, expression, Role::right)) != kNoNode)
        return {statement, compact(code, child(code, expression, Role::left)), false};
    if (receiver(code, expression) != kNoNode && is_acquire_name(callee(code, expression)))
        return {statement, compact(code, receiver(code, expression)), true};
    return {};
}

void find_release(const Function& function, NodeId attempt, Findings& findings) {
    const Code& code = function.code();
    const NodeId finally = child(code, attempt, Kind::finally_);
    NodeId before = previous_sibling(code, attempt);
    for (int step = 0; step < kReach && before != kNoNode; ++step, before = previous_sibling(code, before)) {
        const Acquired acquired = acquired_by(code, before);
        if (acquired.statement == kNoNode) continue;
        const NodeId release = release_in(code, finally, acquired.held);
        if (release == kNoNode) continue;
        const bool tested = enclosing(code, release, {Kind::if_}) != kNoNode;
        Match match{.first = before, .last = attempt};
        match.shape = core::format("(scope (acquire {}) (try use) (finally {}release))",
                                   acquired.by_method ? "method" : "call", tested ? "tested " : "");
        match.words = join_words({acquired.by_method ? "acquire-method" : "acquire-call", "finally",
                                  tested ? "tested" : "", "release"});
        match.meaning = core::format(
            "Acquires {} before a try and releases it in the final block, whatever happens between.",
            acquired.by_method ? "an existing object by one of its methods" : "what a call returns");
        match.elements = {"acquire-before-try", "use-in-try", "release-in-finally"};
        match.lacks = {"a with statement, which ties both ends together"};
        return findings.add(std::move(match));
    }
}

void find_generator_manager(const Function& function, Findings& findings) {
    const Code& code = function.code();
    const auto all = decorators(function);
    const bool manages = std::ranges::any_of(all, [&](NodeId each) {
        const std::string_view name = decorator_name(code, each);
        return name == "contextmanager" || name == "asynccontextmanager";
    });
    const NodeId yield = first_within(code, function.body(), {Kind::yield});
    if (!manages || yield == kNoNode) return;
    const NodeId around = enclosing(code, yield, {Kind::try_, Kind::with});
    const NodeId finally = code.kind(around) == Kind::try_ ? child(code, around, Kind::finally_) : kNoNode;
    const bool delegates = code.kind(around) == Kind::with;
    const bool releases = next_sibling(code, statement_of(code, yield)) != kNoNode;
    // Handlers without a final block settle errors; they give nothing back.
    if (finally == kNoNode && !delegates && (around != kNoNode || !releases)) return;
    const std::string_view form = delegates ? "with" : finally != kNoNode ? "finally" : "unprotected";
    Match match{.first = code[function.node()].parent, .last = code[function.node()].parent};
    match.shape = core::format("(scope (generator-manager (yield in {})))", form);
    match.words = join_words({"context-generator", form});
    match.meaning =
        core::format("Makes a context manager of a generator: acquires, yields once, and {}.",
                     delegates            ? "leaves the release to the with around the yield"
                     : finally != kNoNode ? "releases in the final block around the yield"
                                          : "releases behind the yield, which an exception skips");
    match.elements = {"manager-decorator", "acquire", "yield", "release"};
    match.object(form == "unprotected", "exception-skips-the-release", 0.4);
    if (finally != kNoNode) findings.claim(around);
    findings.add(std::move(match));
}

bool class_has_method(const Code& code, NodeId owner, std::string_view method) {
    if (owner == kNoNode) return false;
    for (NodeId id = owner; id < code[owner].past; ++id)
        if (code[id].kind == Kind::function && code.text(child(code, id, Role::name)) == method) return true;
    return false;
}

// A call that makes no error, a deletion, or an assignment of what self kept.
bool gives_back(const Code& code, NodeId body) {
    for (const NodeId id : Within(code, body)) {
        if (code[id].kind == Kind::delete_) return true;
        if (code[id].kind == Kind::assign && mentions(code, child(code, id, Role::right), "self"))
            return true;
        if (code[id].kind == Kind::call && enclosing(code, id, {Kind::raise}) == kNoNode) return true;
    }
    return false;
}

void find_exit_method(const Function& function, Findings& findings) {
    const Code& code = function.code();
    const std::string_view name = code.text(child(code, function.node(), Role::name));
    if (name != "__exit__" && name != "__aexit__") return;
    const bool is_async = name == "__aexit__";
    if (!class_has_method(code, function.enclosing_class(), is_async ? "__aenter__" : "__enter__")) return;
    if (!gives_back(code, function.body())) return;
    bool swallows = false;
    for (const NodeId id : Within(code, function.body()))
        swallows |= code[id].kind == Kind::return_ && code.kind(last_child(code, id)) == Kind::true_;
    Match match{.first = function.node(), .last = function.node()};
    match.shape = core::format("(scope (class {}(enter) (exit release)))", is_async ? "async " : "");
    match.words = join_words({is_async ? "async" : "", "enter-exit", "class"});
    match.meaning = "Makes a class a context manager, whose exit gives back what its enter took.";
    match.elements = {"enter-method", "exit-method", "release"};
    match.object(swallows, "exit-swallows-errors", 0.3);
    findings.add(std::move(match));
}

}  // namespace

void find_try_finally(const Function& function, Findings& findings) {
    for (const NodeId id : Within(function.code(), function.body()))
        if (function.code()[id].kind == Kind::try_ && child(function.code(), id, Kind::finally_) != kNoNode &&
            !findings.is_claimed(id))
            find_release(function, id, findings);
}

void find_context_manager(const Function& function, Findings& findings) {
    find_generator_manager(function, findings);
    find_exit_method(function, findings);
}

}  // namespace singularity::analysis
