// What freely running sessions did to a queue and were told, kept beside it, and what must follow from that.
//
// A transaction's events are entered when its end is known: committed, rolled back, or unknown where the
// connection was lost in the middle of its commit. Of an unknown one's messages only little can be said.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace singularity::queue::testing {

using Id = std::int64_t;
using Micros = std::int64_t;

struct Event {
    enum class What { sent, claimed, removed, moved } what;
    Id id;
    Micros call_began;   // by our clock
    int read_ct = 0;     // after a claim; at a move
    Micros read_at = 0;  // a claim's last_read_at
    Micros due = 0;      // after a claim or a move; of a send the earliest that it may be
};

enum class Outcome { committed, rolled_back, unknown };

class Ledger {
public:
    // `ended`: our clock when the answer to the transaction's end had come.
    void enter(const std::vector<Event>& events, Outcome outcome, Micros ended);

    // What contradicts the record when all has ended; `left` are the table's rows with their read counts.
    std::vector<std::string> contradictions(const std::map<Id, int>& left) const;

    std::size_t claims() const;
    // A message that was committed; 0 for none.
    Id some(std::uint64_t random) const;

private:
    struct Claim {
        Micros call_began, read_at, due;
    };
    struct Message {
        bool sent = false, unsent = false, unknown = false;
        Micros due = 0;
        std::optional<Micros> removed;             // when that was known
        std::map<int, std::vector<Claim>> claims;  // by read_ct
        std::map<int, std::vector<Micros>> moves;  // to when, by read_ct
        Micros last_seen = 0;                      // the latest call that was given it, rolled back or not
    };

    static void enter(Message& message, const Event& event, Outcome outcome, Micros ended);
    static void check(Id id, const Message& message, const std::map<Id, int>& left,
                      std::vector<std::string>& found);
    static void check_times(Id id, const Message& message, std::vector<std::string>& found);

    mutable std::mutex mutex_;
    std::map<Id, Message> messages_;
    std::size_t claims_ = 0;
};

}  // namespace singularity::queue::testing
