#include "extensions/sg_queue/test/engine/model/ledger.hpp"

#include <algorithm>
#include <format>

namespace singularity::queue::testing {

void Ledger::enter(const std::vector<Event>& events, Outcome outcome, Micros ended) {
    const std::scoped_lock lock(mutex_);
    for (const Event& event : events) {
        enter(messages_[event.id], event, outcome, ended);
        if (event.what == Event::What::claimed && outcome == Outcome::committed) ++claims_;
    }
}

void Ledger::enter(Message& message, const Event& event, Outcome outcome, Micros ended) {
    const bool given =
        event.what == Event::What::claimed || (event.what == Event::What::removed && event.read_at != 0);
    if (given) message.last_seen = std::max(message.last_seen, event.call_began);
    if (outcome == Outcome::unknown) message.unknown = true;
    if (event.what == Event::What::sent) {
        message.due = event.due;
        if (outcome == Outcome::committed) message.sent = true;
        if (outcome == Outcome::rolled_back) message.unsent = true;
    }
    if (outcome != Outcome::committed) return;
    if (event.what == Event::What::removed) message.removed = ended;
    if (event.what == Event::What::claimed) {
        message.claims[event.read_ct].push_back({event.call_began, event.read_at, event.due});
    }
    if (event.what == Event::What::moved) message.moves[event.read_ct].push_back(event.due);
}

std::vector<std::string> Ledger::contradictions(const std::map<Id, int>& left) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> found;
    for (const auto& [id, message] : messages_) {
        if (!message.unknown) check(id, message, left, found);
    }
    for (const auto& [id, read_ct] : left) {
        if (!messages_.contains(id))
            found.push_back(std::format("{} is in the table, but nobody sent it", id));
    }
    return found;
}

void Ledger::check(Id id, const Message& message, const std::map<Id, int>& left,
                   std::vector<std::string>& found) {
    const auto row = left.find(id);
    if (message.unsent && (row != left.end() || !message.claims.empty() || message.removed)) {
        found.push_back(std::format("{} was rolled back, but is there, or was claimed or removed", id));
    }
    if (message.unsent) return;
    if (message.removed && row != left.end())
        found.push_back(std::format("{} was removed, but is there", id));
    if (message.removed && message.last_seen > *message.removed) {
        found.push_back(std::format("{} was delivered after its removal", id));
    }
    if (!message.removed && row == left.end()) found.push_back(std::format("{} is lost", id));
    int read_ct = 0;
    for (const auto& [number, claims] : message.claims) {
        if (claims.size() != 1) {
            found.push_back(std::format("{} was given to {} readers as their {}th, at {} and {} µs", id,
                                        claims.size(), number, claims.front().read_at,
                                        claims.back().read_at));
        }
        if (number != ++read_ct) found.push_back(std::format("{}: no claim has read_ct {}", id, read_ct));
    }
    if (row != left.end() && row->second != read_ct) {
        found.push_back(std::format("read_ct of {} is {} after {} claims", id, row->second, read_ct));
    }
    check_times(id, message, found);
}

// No claim comes before the time that was set last; where it was set more than once between two claims,
// nobody knows which was the last.
void Ledger::check_times(Id id, const Message& message, std::vector<std::string>& found) {
    Micros due = message.due;
    for (const auto& [number, claims] : message.claims) {
        if (const auto moves = message.moves.find(number - 1); moves != message.moves.end()) {
            due = std::ranges::min(moves->second);
            if (moves->second.size() > 1) due = 0;
        }
        if (claims.front().read_at < due) {
            found.push_back(
                std::format("{} was read {} µs before its time", id, due - claims.front().read_at));
        }
        due = claims.front().due;
    }
}

std::size_t Ledger::claims() const {
    const std::scoped_lock lock(mutex_);
    return claims_;
}

Id Ledger::some(std::uint64_t random) const {
    const std::scoped_lock lock(mutex_);
    if (messages_.empty()) return 0;
    const Id last = messages_.rbegin()->first;
    return std::max<Id>(1, last - static_cast<Id>(random % 60));
}

}  // namespace singularity::queue::testing
