// Retry with backoff: a loop that tries, leaves when the try succeeds, and waits before the next.
//
// Required: loop, attempt with a call, exit on success, a failure that leads back into the loop, a
// delay on that way, and a bound or a growing delay.

#include <algorithm>
#include <optional>

#include "analysis/idioms/delay.hpp"
#include "analysis/idioms/idiom.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

struct Attempt {
    NodeId node = kNoNode;  // the try, or the `if` that looks at the outcome
    bool by_exception = true;
    std::vector<NodeId> success = {};   // where a delay would lie on the successful way
    std::vector<NodeId> handlers = {};  // those that lead back into the loop
};

class RetryFinder {
public:
    RetryFinder(const Function& function, NodeId loop)
        : function_(function), code_(function.code()), loop_(loop) {}

    std::optional<Match> find() {
        for (const NodeId id : Within(code_, loop_)) {
            if (enclosing(code_, id, kLoops) != loop_) continue;
            auto attempt = code_[id].kind == Kind::try_  ? by_exception(id)
                           : code_[id].kind == Kind::if_ ? by_status(id)
                                                         : std::nullopt;
            if (!attempt) continue;
            const auto delay = find_delay(function_, loop_, attempt->success);
            if (!delay || !delay_follows(*attempt, *delay)) continue;
            return judge(*attempt, *delay);
        }
        return std::nullopt;
    }

private:
    std::optional<Attempt> by_exception(NodeId node) const {
        const NodeId body = child(code_, node, Role::body);
        Attempt attempt{.node = node, .success = {body}};
        for (const NodeId each : Children(code_, node)) {
            if (code_[each].kind == Kind::else_) attempt.success.push_back(each);
            if (code_[each].kind == Kind::handler && leads_back(each)) attempt.handlers.push_back(each);
        }
        const bool nested = code_.kind(enclosing(code_, node, {Kind::handler, Kind::try_})) != Kind::other;
        if (nested || attempt.handlers.empty() || !holds_call(code_, body)) return std::nullopt;
        if (!leaves_on_success(attempt)) return std::nullopt;
        return attempt;
    }

    // `auto result = attempt(); if (result) return result;`
    std::optional<Attempt> by_status(NodeId node) const {
        const NodeId branch = child(code_, node, Role::consequence);
        if (!ends_loop(branch)) return std::nullopt;
        NodeId tested = core(code_, child(code_, node, Role::condition));
        if (operand_of_not(code_, tested) != kNoNode) return std::nullopt;
        tested = root_of(code_, tested);
        const Local* outcome =
            code_.kind(tested) == Kind::identifier ? function_.local(code_.text(tested)) : nullptr;
        if (outcome == nullptr || !is_inside(code_, outcome->declaration, loop_)) return std::nullopt;
        if (called(code_, outcome->value) == kNoNode) return std::nullopt;
        return Attempt{.node = node, .by_exception = false, .success = {branch}, .handlers = {}};
    }

    bool leads_back(NodeId handler) const {
        const auto list = statements(code_, body_of(handler));
        if (list.empty()) return true;
        const Kind last = code_.kind(list.back());
        return last != Kind::return_ && last != Kind::raise && last != Kind::break_;
    }

    NodeId body_of(NodeId handler) const {
        const NodeId body = child(code_, handler, Role::body);
        return body != kNoNode ? body : last_child(code_, handler);
    }

    bool ends_loop(NodeId part) const {
        for (const NodeId id : Within(code_, part)) {
            if (code_[id].kind == Kind::return_) return true;
            if (code_[id].kind == Kind::break_ && enclosing(code_, id, kLoops) == loop_) return true;
        }
        return false;
    }

    bool leaves_on_success(const Attempt& attempt) const {
        for (const NodeId part : attempt.success)
            if (ends_loop(part) || sets_loop_flag(part)) return true;
        // After the try, where a handler does not arrive, or behind a test.
        for (NodeId id = next_sibling(code_, attempt.node); id != kNoNode; id = next_sibling(code_, id)) {
            const bool tested = code_.kind(id) == Kind::if_;
            if (ends_loop(id) && (tested || handlers_continue(attempt))) return true;
        }
        return false;
    }

    bool handlers_continue(const Attempt& attempt) const {
        for (const NodeId each : attempt.handlers)
            if (!always_leaves(code_, body_of(each))) return false;
        return true;
    }

    bool sets_loop_flag(NodeId part) const {
        const NodeId condition = child(code_, loop_, Role::condition);
        for (const NodeId id : Within(code_, part)) {
            if (code_[id].kind != Kind::assign) continue;
            const NodeId target = child(code_, id, Role::left);
            if (is_variable(code_, target) && mentions(code_, condition, code_.text(target))) return true;
        }
        return false;
    }

    // In a handler that leads back, or in the loop behind the attempt.
    bool delay_follows(const Attempt& attempt, const Delay& delay) const {
        for (const NodeId each : attempt.handlers)
            if (is_inside(code_, delay.call, each)) return true;
        if (is_inside(code_, delay.call, attempt.node)) return false;
        const bool behind = delay.call > attempt.node;
        const bool before_but_tested = enclosing(code_, delay.call, {Kind::if_}) != kNoNode &&
                                       is_inside(code_, enclosing(code_, delay.call, {Kind::if_}), loop_);
        return behind || (before_but_tested && attempt.by_exception);
    }

    bool is_bounded(const Attempt& attempt) const {
        const Kind kind = code_[loop_].kind;
        if (kind == Kind::for_each) return true;
        if (kind == Kind::for_counted && !is_endless(code_, loop_)) return true;
        const NodeId condition = core(code_, child(code_, loop_, Role::condition));
        const Operator op = condition == kNoNode ? Operator::none : code_[condition].op;
        if (!is_endless(code_, loop_) && op >= Operator::less && op <= Operator::greater_equal) return true;
        for (const std::string_view name : varying_names(code_, loop_))
            if (!is_endless(code_, loop_) && mentions(code_, condition, name)) return true;
        return gives_up(attempt);
    }

    // A test of a count or a time, outside of the successful way, that leaves the loop. A test of the
    // error itself lets some errors through and bounds nothing.
    bool gives_up(const Attempt& attempt) const {
        for (const NodeId id : Within(code_, loop_)) {
            if (code_[id].kind != Kind::if_ || id == attempt.node ||
                !counts(child(code_, id, Role::condition)))
                continue;
            const bool on_success =
                std::ranges::any_of(attempt.success, [&](NodeId part) { return is_inside(code_, id, part); });
            if (!on_success && (ends_loop(id) || has_within(code_, id, {Kind::raise}))) return true;
        }
        return false;
    }

    bool counts(NodeId condition) const {
        for (const NodeId id : Within(code_, condition))
            if (code_[id].kind == Kind::binary && code_[id].op >= Operator::less &&
                code_[id].op <= Operator::greater_equal)
                return true;
        return std::ranges::any_of(varying_names(code_, loop_),
                                   [&](auto name) { return mentions(code_, condition, name); });
    }

    bool failure_comes_through(const Attempt& attempt) const {
        for (const NodeId each : Children(code_, attempt.node))
            if (code_[each].kind == Kind::handler && has_within(code_, each, {Kind::raise, Kind::return_}))
                return true;
        const NodeId last = last_child(code_, loop_);
        if (code_.kind(last) == Kind::else_ && has_within(code_, last, {Kind::raise, Kind::return_}))
            return true;
        for (NodeId id = attempt.node; id != loop_ && id != kNoNode; id = code_[id].parent)
            for (NodeId next = next_sibling(code_, id); next != kNoNode; next = next_sibling(code_, next))
                if (has_within(code_, next, {Kind::raise})) return true;
        return next_sibling(code_, statement_of(code_, loop_)) != kNoNode;
    }

    bool tries_another_target(const Attempt& attempt) const {
        if (code_[loop_].kind != Kind::for_each) return false;
        const NodeId source = child(code_, loop_, Role::right);
        if (callee(code_, called(code_, source)) == "range") return false;
        const Role role = code_.language() == Language::cpp ? Role::declarator : Role::left;
        for (const NodeId name : bound_names(code_, child(code_, loop_, role)))
            for (const NodeId part : attempt.success)
                if (mentions(code_, part, code_.text(name))) return true;
        return false;
    }

    std::string_view caught(const Attempt& attempt) const {
        for (const NodeId each : attempt.handlers) {
            const std::string text = compact(code_, each);
            if (text.starts_with("except:") || text.starts_with("catch(...)")) return "everything";
        }
        return {};
    }

    std::optional<Match> judge(const Attempt& attempt, const Delay& delay) const {
        const bool bounded = is_bounded(attempt);
        const bool grows = delay.growth != Growth::fixed;
        if (!grows && (!bounded || !attempt.by_exception)) return std::nullopt;
        Match match = describe(attempt, delay, bounded);
        match.object(!caught(attempt).empty(), "catches-everything", 0.25);
        match.object(bounded && attempt.by_exception && !failure_comes_through(attempt),
                     "last-failure-is-lost", 0.15);
        match.object(tries_another_target(attempt), "each-turn-tries-another-target", 0.3);
        match.object(!attempt.by_exception, "outcome-is-a-status", 0.1);
        return match;
    }

    Match describe(const Attempt& attempt, const Delay& delay, bool bounded) const {
        const std::string_view loop = bounded ? "bounded" : "endless";
        const std::string_view way = attempt.by_exception ? "try" : "status";
        const std::string growth(name(delay.growth));
        const bool in_handler = code_.kind(enclosing(code_, delay.call, {Kind::handler})) == Kind::handler;
        const std::string_view jitter = delay.jitter ? " jittered" : "";
        Match match{.first = loop_, .last = loop_};
        match.shape =
            core::format("(retry (loop {} (attempt {} call exit) ({} (delay {}{}{}))))", loop, way,
                         in_handler ? "handler" : "after", growth, jitter, delay.awaited ? " awaited" : "");
        match.words = join_words({loop, "loop", attempt.by_exception ? "" : "status", growth,
                                  delay.jitter ? "jittered" : "", delay.awaited ? "awaited" : "",
                                  in_handler ? "" : "after"});
        match.meaning = core::format(
            "Tries a call in {} loop, leaves the loop when {}, and {} {}{} delay before it tries again.",
            bounded ? "a bounded" : "an endless",
            attempt.by_exception ? "no exception comes" : "its outcome is good",
            delay.awaited ? "awaits" : "sleeps for",
            delay.jitter                          ? "a jittered, "
            : delay.growth == Growth::exponential ? "an "
                                                  : "a ",
            delay.growth == Growth::exponential ? "exponentially growing"
            : delay.growth == Growth::linear    ? "linearly growing"
                                                : growth);
        match.elements = {"loop", "attempt", "call", "exit-on-success", "failure-leads-back", "delay"};
        if (bounded) match.elements.emplace_back("bound");
        if (delay.growth != Growth::fixed) match.elements.emplace_back("growing-delay");
        if (!bounded) match.lacks.emplace_back("a bound on attempts or time");
        if (delay.growth == Growth::fixed) match.lacks.emplace_back("a growing delay");
        if (!delay.jitter) match.lacks.emplace_back("jitter");
        return match;
    }

    const Function& function_;
    const Code& code_;
    NodeId loop_;
};

}  // namespace

void find_retry(const Function& function, Findings& findings) {
    for (const NodeId id : Within(function.code(), function.body())) {
        if (!kLoops.contains(function.code()[id].kind)) continue;
        auto match = RetryFinder(function, id).find();
        if (!match) continue;
        for (const NodeId inner : Within(function.code(), id))
            if (function.code()[inner].kind == Kind::try_) findings.claim(inner);
        findings.add(std::move(*match));
    }
}

}  // namespace singularity::analysis
