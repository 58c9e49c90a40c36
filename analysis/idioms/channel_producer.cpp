// Required of a producer: a loop, a put into a queue, and that what is put comes from the loop.

#include <algorithm>
#include <array>

#include "analysis/idioms/channel_queue.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 7> kQueuePuts = {"put",      "put_nowait", "enqueue", "async_send",
                                                        "try_send", "send",       "offer"};

class Producer {
public:
    Producer(const Function& function, NodeId put)
        : function_(function), code_(function.code()), put_(put), loop_(enclosing(code_, put, kLoops)) {}

    std::optional<Match> find() const {
        const std::string_view name = callee(code_, put_);
        if (loop_ == kNoNode || !std::ranges::contains(kQueuePuts, name)) return std::nullopt;
        const NodeId queue = receiver(code_, put_);
        if (!is_queue(function_, queue) || is_made_in(function_, queue, loop_)) return std::nullopt;
        // A C++ send is a channel's only when it is awaited.
        if (code_.language() == Language::cpp && !awaited() && name != "try_send") return std::nullopt;
        const std::string_view what = what_is_put();
        if (what.empty() || ends_the_loop()) return std::nullopt;
        return describe(what, name.ends_with("nowait") || name == "try_send");
    }

private:
    bool awaited() const { return code_.kind(code_[put_].parent) == Kind::await; }

    // An item that the loop gives or makes, or one mark a turn that tells the other side to stop.
    std::string_view what_is_put() const {
        for (const NodeId each : arguments(code_, put_)) {
            const Role role = code_.language() == Language::cpp ? Role::declarator : Role::left;
            if (code_[loop_].kind == Kind::for_each)
                for (const NodeId name : bound_names(code_, child(code_, loop_, role)))
                    if (mentions(code_, each, code_.text(name))) return "each";
            if (is_made_by_the_loop(each)) return "made";
            if (code_[each].kind == Kind::null) return "mark";
        }
        return {};
    }

    bool is_made_by_the_loop(NodeId argument) const {
        if (holds_call(code_, argument)) return true;
        return std::ranges::any_of(function_.locals(), [&](const Local& each) {
            return is_inside(code_, each.declaration, loop_) && mentions(code_, argument, each.name);
        });
    }

    // `put(…); return` is said once, on the way out.
    bool ends_the_loop() const {
        const NodeId next = next_sibling(code_, statement_of(code_, put_));
        return code_.kind(next) == Kind::return_ || code_.kind(next) == Kind::break_;
    }

    Match describe(std::string_view what, bool drops) const {
        Match match{.first = loop_, .last = loop_};
        match.shape = core::format("(produce (loop (put {}{})))", what, awaited() ? " awaited" : "");
        match.words =
            join_words({"producer-loop", what == "mark" ? "stop-mark" : what, awaited() ? "awaited" : ""});
        match.meaning = core::format("Puts {} on a queue in a loop{}.",
                                     what == "each"   ? "every item of a sequence"
                                     : what == "made" ? "item after item that it makes"
                                                      : "one empty mark a turn, for those that wait,",
                                     awaited() ? ", awaiting room for it" : "");
        match.elements = {"loop", "put", "queue", "item-of-the-loop"};
        if (drops) match.lacks = {"waiting for room when the queue is full"};
        return match;
    }

    const Function& function_;
    const Code& code_;
    NodeId put_, loop_;
};

}  // namespace

std::optional<Match> find_producer(const Function& function, NodeId put) {
    return Producer(function, put).find();
}

}  // namespace singularity::analysis
