// Producer and consumer: one side puts items where the other waits for them.
//
// This file: queues and channels that wait by themselves. channel_condition.cpp has those that are built
// from a container, a lock and a condition variable. Required of a consumer: a loop, a take that waits,
// a use of what was taken, and a way to stop; of a producer: a loop, and a put of what the loop makes.
// Taking and putting have no syntax of their own: the name of the operation and evidence that the
// receiver is a queue (its name, what it was made from, its other operations) stand for that.

#include <algorithm>
#include <array>
#include <format>
#include <optional>

#include "analysis/idioms/channel_condition.hpp"
#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 7> kQueueWords = {"queue",  "channel", "inbox",  "mailbox",
                                                         "outbox", "jobs",    "backlog"};
constexpr std::array<std::string_view, 6> kTakes = {"get",     "take",    "pop",
                                                    "dequeue", "receive", "async_receive"};
constexpr std::array<std::string_view, 8> kPuts = {"put",      "put_nowait", "enqueue", "async_send",
                                                   "try_send", "send",       "push",    "offer"};

bool contains_word(std::string_view text, std::string_view word) {
    return !std::ranges::search(text, word, [](unsigned char a, unsigned char b) {
                return std::tolower(a) == b;
            }).empty();
}

// The last name of the receiver: results of self.pool.results.
std::string_view receiver_name(const Code& code, NodeId object) {
    object = core(code, object);
    if (code.kind(object) == Kind::member) object = child(code, object, Role::name);
    return code.kind(object) == Kind::identifier ? code.text(object) : std::string_view();
}

// Its name says queue, or somewhere in the file it is made from a type that does.
bool is_queue(const Code& code, NodeId object) {
    const std::string_view name = receiver_name(code, object);
    if (name.empty()) return false;
    if (name == "q" || name == "_q" || name.ends_with("_q") || name.ends_with("_q_")) return true;
    for (const std::string_view word : kQueueWords)
        if (contains_word(name, word)) return true;
    for (NodeId id = 0; id < code.size(); ++id) {
        if (code[id].kind != Kind::assign) continue;
        if (receiver_name(code, child(code, id, Role::left)) != name) continue;
        if (contains_word(callee(code, called(code, child(code, id, Role::right))), "queue")) return true;
    }
    return false;
}

// get(), get(timeout=1), get(True, 5): a mapping's get has a key.
bool takes_without_key(const Code& code, NodeId call) {
    if (callee(code, call) == "async_receive") return true;
    return std::ranges::all_of(arguments(code, call), [&](NodeId each) {
        const Kind kind = code[each].kind;
        return kind == Kind::keyword_argument || kind == Kind::true_ || kind == Kind::false_ ||
               kind == Kind::number || code.text(each).contains("use_awaitable");
    });
}

class Consumer {
public:
    Consumer(const Code& code, NodeId take)
        : code_(code), take_(take), loop_(enclosing(code, take, kLoops)) {}

    std::optional<Match> find() const {
        const bool waits = code_.language() == Language::python ||
                           code_.kind(code_[take_].parent) == Kind::await || is_loop_condition();
        if (!std::ranges::contains(kTakes, callee(code_, take_)) || loop_ == kNoNode || !waits)
            return std::nullopt;
        if (!takes_without_key(code_, take_) || !is_queue(code_, receiver(code_, take_))) return std::nullopt;
        const std::string_view item = item_name();
        if (item.empty() || !is_used(item)) return std::nullopt;
        return describe(item);
    }

private:
    bool is_loop_condition() const { return is_inside(code_, take_, child(code_, loop_, Role::condition)); }

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
            if (has_within(code_, child(code_, id, Role::consequence), {Kind::break_, Kind::return_}))
                return true;
        }
        return false;
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
        const bool sentinel = stops_at(item), awaited = code_.kind(code_[take_].parent) == Kind::await;
        const std::string_view stop = sentinel ? "sentinel" : stops_otherwise() ? "otherwise" : "never";
        Match match{.first = loop_, .last = loop_};
        match.shape = std::format("(consume (loop (take{}) (use){} (stop {})))", awaited ? " awaited" : "",
                                  acknowledges() ? " (acknowledge)" : "", stop);
        match.words =
            join_words({"consumer-loop", awaited ? "awaited" : "", acknowledges() ? "acknowledged" : "",
                        sentinel          ? "sentinel"
                        : stop == "never" ? "endless"
                                          : ""});
        match.meaning =
            std::format("Takes items from a queue in a loop, {}, uses each{}, and {}.",
                        awaited ? "awaiting the next" : "waiting for the next",
                        acknowledges() ? " and acknowledges it" : "",
                        sentinel          ? "stops at an item that says so"
                        : stop == "never" ? "never stops by itself"
                                          : "stops when the loop's own condition or an error ends it");
        match.elements = {"loop", "waiting-take", "use"};
        if (stop != "never") match.elements.emplace_back("stop");
        match.object(stop == "never", "no-way-to-stop", 0.2);
        return match;
    }

    const Code& code_;
    NodeId take_, loop_;
};

std::optional<Match> find_producer(const Code& code, NodeId put) {
    const NodeId loop = enclosing(code, put, kLoops);
    const std::string_view name = callee(code, put);
    if (loop == kNoNode || !std::ranges::contains(kPuts, name) || arguments(code, put).empty())
        return std::nullopt;
    if (!is_queue(code, receiver(code, put))) return std::nullopt;
    const bool awaited = code.kind(code[put].parent) == Kind::await;
    // A push on a plain container waits for nobody, and a C++ send is a channel's only when it is awaited.
    if (name == "push" || (code.language() == Language::cpp && !awaited && name != "try_send"))
        return std::nullopt;
    const bool each = code[loop].kind == Kind::for_each;
    Match match{.first = loop, .last = loop};
    match.shape =
        std::format("(produce (loop {} (put{})))", each ? "each" : "until", awaited ? " awaited" : "");
    match.words = join_words({"producer-loop", each ? "each" : "until", awaited ? "awaited" : ""});
    match.meaning =
        std::format("Puts {} on a queue in a loop{}.", each ? "every item of a sequence" : "item after item",
                    awaited ? ", awaiting room for it" : "");
    match.elements = {"loop", "put", "queue"};
    if (name.ends_with("nowait") || name == "try_send")
        match.lacks = {"waiting for room when the queue is full"};
    return match;
}

}  // namespace

void find_channel(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind != Kind::call || receiver(code, id) == kNoNode) continue;
        if (auto consumer = Consumer(code, id).find()) {
            const NodeId attempt = enclosing(code, id, {Kind::try_});
            if (is_inside(code, attempt, consumer->first)) findings.claim(attempt);
            findings.add(std::move(*consumer));
        } else if (auto producer = find_producer(code, id)) {
            findings.add(std::move(*producer));
        }
    }
    find_condition_queue(function, findings);
}

}  // namespace singularity::analysis
