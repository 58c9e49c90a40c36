// C++ locals that live for their destructor. Required: a declaration in a block, made from arguments, of
// a type that is known to hold something (locks, owners with a deleter), or whose name says so and whose
// variable is never used again.

#include <algorithm>
#include <array>

#include "analysis/idioms/scope.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 5> kLocks = {"lock_guard", "scoped_lock", "unique_lock", "shared_lock",
                                                    "upgrade_lock"};
constexpr std::array<std::string_view, 10> kGuardWords = {"guard", "lock",    "scope", "restore", "saver",
                                                          "raii",  "cleanup", "defer", "finally", "sentry"};

// The last name of a type: lock_guard of std::lock_guard<std::mutex>.
NodeId type_name(const Code& code, NodeId type) {
    while (code.kind(type) == Kind::qualified || code.kind(type) == Kind::template_)
        type = child(code, type, Role::name);
    return type;
}

NodeId template_arguments(const Code& code, NodeId type) {
    while (code.kind(type) == Kind::qualified) type = child(code, type, Role::name);
    return child(code, type, Kind::template_arguments);
}

std::size_t count_children(const Code& code, NodeId node) {
    std::size_t count = 0;
    for ([[maybe_unused]] const NodeId each : Children(code, node)) ++count;
    return count;
}

bool says_guard(std::string_view name) {
    return std::ranges::any_of(kGuardWords, [&](std::string_view word) { return contains_word(name, word); });
}

class GuardObject {
public:
    GuardObject(const Function& function, NodeId declaration)
        : function_(function),
          code_(function.code()),
          declaration_(declaration),
          type_(child(code_, declaration, Role::type)) {
        NodeId declarator = child(code_, declaration, Role::declarator);
        if (code_.kind(declarator) == Kind::init_declarator) {
            value_ = child(code_, declarator, Role::value);
            declarator = child(code_, declarator, Role::declarator);
        } else if (code_.kind(declarator) == Kind::function_declarator) {
            // `Guard guard(mutex_);` reads as a function's declaration without its types.
            value_ = child(code_, declarator, Role::parameters);
            declarator = child(code_, declarator, Role::declarator);
        }
        if (code_.kind(declarator) == Kind::identifier) name_ = code_.text(declarator);
    }

    void find(Findings& findings) const {
        if (name_.empty() || code_.kind(code_[declaration_].parent) != Kind::block) return;
        if (child(code_, declaration_, Kind::storage_class) != kNoNode || count_children(code_, value_) == 0)
            return;
        const std::string_view type = code_.text(type_name(code_, type_));
        if (std::ranges::contains(kLocks, type)) return findings.add(lock(type));
        if (owns_with_deleter(type) && acquires()) return findings.add(owner());
        if (!is_used_later() && says_guard(type)) return findings.add(guard());
        const bool action =
            first_within(code_, value_, {Kind::lambda}) != kNoNode && holds_call(code_, value_);
        if (!is_used_later() && code_.kind(type_) == Kind::placeholder_type && action &&
            says_guard(callee(code_, called(code_, value_))))
            findings.add(guard());
    }

private:
    // `Handle handle(open(path));` reads as a function that takes a function.
    bool acquires() const {
        return holds_call(code_, value_) || has_within(code_, value_, {Kind::function_declarator});
    }

    bool owns_with_deleter(std::string_view type) const {
        if (std::ranges::contains(function_.facts().owners, type)) return true;
        return type == "unique_ptr" && count_children(code_, template_arguments(code_, type_)) == 2;
    }

    bool is_used_later() const {
        for (NodeId id = code_[declaration_].past; id < code_[function_.body()].past; ++id)
            if (is_variable(code_, id) && code_.text(id) == name_) return true;
        return false;
    }

    bool is_unlocked_by_hand() const {
        for (NodeId id = code_[declaration_].past; id < code_[function_.body()].past; ++id)
            if (callee(code_, id) == "unlock" && code_.text(receiver(code_, id)) == name_) return true;
        return false;
    }

    Match lock(std::string_view type) const {
        const bool nested = code_[declaration_].parent != function_.body();
        const bool shared = type == "shared_lock", movable = type == "unique_lock";
        Match match{.first = declaration_, .last = declaration_};
        match.shape = core::format("(scope (lock {}) {})",
                                   shared    ? "shared"
                                   : movable ? "movable"
                                             : "plain",
                                   nested ? "(inner block)" : "(function)");
        match.words = join_words({shared    ? "shared"
                                  : movable ? "movable"
                                            : "",
                                  "lock-guard", nested ? "inner-block" : "whole-function"});
        match.meaning =
            core::format("Holds {} mutex by a lock object until the end of {}.", shared ? "a shared" : "a",
                         nested ? "a block inside the function" : "the function");
        match.elements = {"guard-object", "mutex", "block-scope"};
        match.object(is_unlocked_by_hand(), "unlocked-by-hand", 0.2);
        return match;
    }

    Match owner() const {
        Match match{.first = declaration_, .last = declaration_};
        match.shape = "(scope (owner deleter) (acquire call))";
        match.words = "owner-with-deleter";
        match.meaning =
            "Gives what a call returns to an owner whose deleter releases it at the end of the scope.";
        match.elements = {"owner", "deleter", "acquire-call"};
        return match;
    }

    Match guard() const {
        const bool action = first_within(code_, value_, {Kind::lambda}) != kNoNode || has_lambda();
        Match match{.first = declaration_, .last = declaration_};
        match.shape = core::format("(scope (guard {}) (never used again))", action ? "action" : "object");
        match.words = join_words({"guard", action ? "action" : "object"});
        match.meaning = core::format(
            "Makes a local object that nothing uses again: its destructor {} at the end of the scope.",
            action ? "runs the action it was given" : "acts");
        match.elements = {"guard-object", "constructed-from-arguments", "lives-for-its-destructor"};
        return match;
    }

    bool has_lambda() const {
        for (NodeId id = declaration_; id < code_[declaration_].past; ++id)
            if (code_[id].kind == Kind::lambda) return true;
        return false;
    }

    const Function& function_;
    const Code& code_;
    NodeId declaration_, type_, value_ = kNoNode;
    std::string_view name_;
};

}  // namespace

void find_guard_object(const Function& function, Findings& findings) {
    for (const NodeId id : Within(function.code(), function.body()))
        if (function.code()[id].kind == Kind::declaration) GuardObject(function, id).find(findings);
}

}  // namespace singularity::analysis
