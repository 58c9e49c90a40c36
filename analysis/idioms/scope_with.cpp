// Python's with. Required: an item that acquires, and a body; what is bound is used inside. Managers that
// hold nothing (expectations of tests, suppressed errors) are no resources.

#include <algorithm>
#include <array>

#include "analysis/idioms/scope.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 13> kHoldNothing = {
    "subTest",         "raises",         "warns",        "suppress",        "nullcontext",
    "deprecated_call", "assertLogs",     "assertNoLogs", "captured_stdout", "captured_stderr",
    "check_warnings",  "catch_warnings", "localcontext"};

bool holds_nothing(std::string_view name) {
    return name.starts_with("assert") || std::ranges::contains(kHoldNothing, name);
}

enum class Held {
    bound,    // with open(path) as file
    named,    // with self.lock
    unbound,  // with acquire(x)
};

class WithScope {
public:
    WithScope(const Function& function, NodeId node)
        : function_(function), code_(function.code()), node_(node), body_(child(code_, node, Role::body)) {}

    bool is_scope() {
        for (NodeId id = node_ + 1; id < body_; ++id)
            if (code_[id].kind == Kind::with_item) items_.push_back(id);
        if (items_.empty() || statements(code_, body_).empty()) return false;
        if (code_.kind(statements(code_, body_).front()) == Kind::pass) return false;
        if (std::ranges::any_of(items_, [&](NodeId item) { return holds_nothing(manager(item)); }))
            return false;
        read_items();
        return true;
    }

    Match describe() const {
        const std::string_view how = held_ == Held::bound   ? "call as name"
                                     : held_ == Held::named ? "name"
                                                            : "call";
        const bool several = items_.size() > 1, is_async = code_[node_].is_async;
        const bool returns = has_within(code_, body_, {Kind::return_}),
                   yields = has_within(code_, body_, {Kind::yield});
        const std::string_view leave = yields ? "yield" : returns ? "return" : "";
        Match match{.first = node_, .last = node_};
        match.shape = core::format("(scope ({} {}{}) (body{}{}))", is_async ? "async-with" : "with", how,
                                   several ? " several" : "", leave.empty() ? "" : " ", leave);
        match.words = join_words({is_async ? "async" : "", "with",
                                  held_ == Held::bound   ? "bound-call"
                                  : held_ == Held::named ? "held-object"
                                                         : "call",
                                  several ? "several" : "", leave});
        match.meaning = core::format(
            "Enters {} with {} and leaves it on every path{}.", several ? "several resources" : "a resource",
            held_ == Held::bound   ? "a with statement that names it for the body"
            : held_ == Held::named ? "a with statement on an object that already exists, such as a lock,"
                                   : "a with statement on what a call returns",
            yields    ? ", holding it while a generator is suspended"
            : returns ? ", returning from inside"
                      : "");
        match.elements = {"acquire-in-with", "body"};
        if (held_ == Held::bound) match.elements.emplace_back("bound-name-used-inside");
        match.object(held_ == Held::unbound, "nothing-is-bound", 0.25);
        match.object(!unused_.empty(), "bound-name-not-used-inside", 0.3);
        return match;
    }

private:
    NodeId value(NodeId item) const {
        const NodeId given = child(code_, item, Role::value);
        return code_.kind(given) == Kind::as_pattern ? given + 1 : given;
    }

    // What makes the manager: the call itself, or the one that a local variable came from.
    std::string_view manager(NodeId item) const {
        NodeId made = value(item);
        if (const Local* local = function_.local(code_.text(made))) made = local->value;
        return callee(code_, called(code_, made));
    }

    // The weakest of the items decides how the resource is held.
    void read_items() {
        held_ = Held::bound;
        for (const NodeId item : items_) {
            const NodeId pattern = child(code_, item, Role::value);
            const bool binds = code_.kind(pattern) == Kind::as_pattern;
            if (!binds)
                held_ = called(code_, value(item)) == kNoNode && held_ != Held::unbound ? Held::named
                                                                                        : Held::unbound;
            if (!binds) continue;
            for (const NodeId name : bound_names(code_, child(code_, pattern, Role::alias)))
                if (!mentions(code_, body_, code_.text(name)) && !mentions_later_item(item, code_.text(name)))
                    unused_.push_back(code_.text(name));
        }
    }

    bool mentions_later_item(NodeId item, std::string_view name) const {
        return std::ranges::any_of(items_,
                                   [&](NodeId each) { return each > item && mentions(code_, each, name); });
    }

    const Function& function_;
    const Code& code_;
    NodeId node_, body_;
    std::vector<NodeId> items_;
    Held held_ = Held::bound;
    std::vector<std::string_view> unused_;
};

}  // namespace

void find_with(const Function& function, Findings& findings) {
    for (const NodeId id : Within(function.code(), function.body())) {
        if (function.code()[id].kind != Kind::with) continue;
        WithScope scope(function, id);
        if (scope.is_scope()) findings.add(scope.describe());
    }
}

}  // namespace singularity::analysis
