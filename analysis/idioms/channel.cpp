// Producer and consumer: one side puts items where the other waits for them. channel_consumer.cpp and
// channel_producer.cpp have queues and channels that wait by themselves, channel_condition.cpp those that
// are built from a container, a lock and a condition variable.

#include <algorithm>
#include <array>

#include "analysis/idioms/channel_condition.hpp"
#include "analysis/idioms/channel_queue.hpp"

namespace singularity::analysis {
namespace {

constexpr std::array<std::string_view, 7> kQueueWords = {"queue",  "channel", "inbox",  "mailbox",
                                                         "outbox", "jobs",    "backlog"};

// The last name of the receiver: results of self.pool.results.
std::string_view receiver_name(const Code& code, NodeId object) {
    object = core(code, object);
    if (code.kind(object) == Kind::member) object = child(code, object, Role::name);
    return code.kind(object) == Kind::identifier ? code.text(object) : std::string_view();
}

}  // namespace

bool is_queue(const Function& function, NodeId object) {
    const std::string_view name = receiver_name(function.code(), object);
    if (name == "q" || name.ends_with("_q") || name.ends_with("_q_")) return true;
    const bool says = std::ranges::any_of(kQueueWords, [&](auto word) { return contains_word(name, word); });
    return !name.empty() && (says || std::ranges::binary_search(function.facts().queues, name));
}

bool is_made_in(const Function& function, NodeId object, NodeId loop) {
    const Code& code = function.code();
    const NodeId root = root_of(code, core(code, object));
    const Local* local = code.kind(root) == Kind::identifier ? function.local(code.text(root)) : nullptr;
    return local != nullptr && is_inside(code, local->declaration, loop);
}

void find_channel(const Function& function, Findings& findings) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, function.body())) {
        if (code[id].kind != Kind::call || receiver(code, id) == kNoNode) continue;
        if (auto consumer = find_consumer(function, id)) {
            const NodeId attempt = enclosing(code, id, {Kind::try_});
            if (is_inside(code, attempt, consumer->first)) findings.claim(attempt);
            findings.add(std::move(*consumer));
        } else if (auto producer = find_producer(function, id)) {
            findings.add(std::move(*producer));
        }
    }
    find_condition_queue(function, findings);
}

}  // namespace singularity::analysis
