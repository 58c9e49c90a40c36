// Required of a consumer: a loop, a take that waits, a use of what was taken, and a way to stop.

#include <algorithm>
#include <array>

#include "analysis/idioms/channel_queue.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 5> kQueueTakes = {"get", "take", "dequeue", "receive",
                                                         "async_receive"};

class Consumer {
public:
    Consumer(const Function& function, NodeId take)
        : function_(function), code_(function.code()), take_(take), loop_(enclosing(code_, take, kLoops)) {}

    std::optional<Match> find() const {
        if (loop_ == kNoNode || !std::ranges::contains(kQueueTakes, callee(code_, take_)) || !waits())
            return std::nullopt;
        const NodeId queue = receiver(code_, take_);
        if (!is_queue(function_, queue) || is_made_in(function_, queue, loop_)) return std::nullopt;
        const std::string_view item = item_name();
        if (item.empty() || !is_used(item)) return std::nullopt;
        return describe(item);
    }

private:
    // get(), get(timeout=1), get(True, 5) wait; a mapping's get has a key, get(False) does not wait, and
    // in C++ only what is awaited or is the loop's own condition is known to.
    bool waits() const {
        const NodeId condition = child(code_, loop_, Role::condition);
        const bool awaited = code_.kind(code_[take_].parent) == Kind::await;
        if (code_.language() == Language::cpp) return awaited || is_inside(code_, take_, condition);
        return std::ranges::all_of(arguments(code_, take_), [&](NodeId each) {
            const bool refuses = code_.kind(last_child(code_, each)) == Kind::false_;
            if (code_[each].kind == Kind::keyword_argument) return !refuses;
            return code_[each].kind == Kind::true_ || code_[each].kind == Kind::number;
        });
    }

    std::string_view item_name() const {
        for (NodeId id = take_; id != loop_; id = code_[id].parent) {
            const Kind kind = code_[id].kind;
            if (kind != Kind::assign && kind != Kind::init_declarator && kind != Kind::named_expression)
                continue;
            NodeId target = child(code_, id, Role::left);
            if (target == kNoNode) target = child(code_, id, Role::declarator);
            if (target == kNoNode) target = child(code_, id, Role::name);
            const auto names = bound_names(code_, target);
            return names.empty() ? std::string_view() : code_.text(names.back());
        }
        return {};
    }

    // Handed to a call or called itself, after the take.
    bool is_used(std::string_view item) const {
        for (const NodeId id : Within(code_, loop_))
            if (id > take_ && code_[id].kind == Kind::call && mentions(code_, id, item)) return true;
        return false;
    }

    bool stops_at(std::string_view item) const {
        for (const NodeId id : Within(code_, loop_)) {
            if (code_[id].kind != Kind::if_ || !mentions(code_, child(code_, id, Role::condition), item))
                continue;
            const NodeId branch = child(code_, id, Role::consequence);
            if (has_within(code_, branch, {Kind::break_, Kind::return_})) return true;
        }
        return is_inside(code_, take_, child(code_, loop_, Role::condition));
    }

    bool stops_otherwise() const {
        if (!is_endless(code_, loop_)) return true;
        if (has_within(code_, loop_, {Kind::break_, Kind::return_})) return true;
        return enclosing(code_, loop_, {Kind::try_}) != kNoNode;
    }

    bool acknowledges() const {
        for (const NodeId id : Within(code_, loop_))
            if (callee(code_, id) == "task_done" || callee(code_, id) == "ack") return true;
        return false;
    }

    Match describe(std::string_view item) const {
        const bool awaited = code_.kind(code_[take_].parent) == Kind::await, done = acknowledges();
        const std::string_view stop = stops_at(item) ? "sentinel" : stops_otherwise() ? "otherwise" : "never";
        const std::string_view ends = stop == "sentinel" ? "stops at an item that says so"
                                      : stop == "never"  ? "never stops by itself"
                                                         : "stops when something other than an item says so";
        Match match{.first = loop_, .last = loop_};
        match.shape = core::format("(consume (loop (take{}) (use){} (stop {})))", awaited ? " awaited" : "",
                                   done ? " (acknowledge)" : "", stop);
        match.words = join_words({"consumer-loop", awaited ? "awaited" : "", done ? "acknowledged" : "",
                                  stop == "otherwise" ? ""
                                  : stop == "never"   ? "endless"
                                                      : "sentinel"});
        match.meaning =
            core::format("Takes items from a queue in a loop, {} the next, uses each{}, and {}.",
                         awaited ? "awaiting" : "waiting for", done ? " and acknowledges it" : "", ends);
        match.elements = {"loop", "waiting-take", "use"};
        if (stop != "never") match.elements.emplace_back("stop");
        match.object(stop == "never", "no-way-to-stop", 0.2);
        return match;
    }

    const Function& function_;
    const Code& code_;
    NodeId take_, loop_;
};

}  // namespace

std::optional<Match> find_consumer(const Function& function, NodeId take) {
    return Consumer(function, take).find();
}

}  // namespace singularity::analysis
