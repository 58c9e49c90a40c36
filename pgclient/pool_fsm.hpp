// How a pool decides, without I/O and without a clock of its own: who gets which connection, when one is
// made, cleaned or closed, and how long to rest after a failure. docs/pgclient.md draws the states.
//
// A slot is the place of one connection. A ticket is a caller who waits; they are served in order.
// PoolState tells every event, with the time, and performs the actions that the event gives.
#pragma once

#include "algo/backoff.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace singularity::pgclient {

using PoolSlot = std::size_t;
using PoolTicket = std::uint64_t;

struct PoolLimits {
    std::size_t size = 4;
    std::size_t max_waiting = 200;
    std::chrono::milliseconds max_idle{600'000};
    std::chrono::milliseconds max_lifetime{3'600'000};
    algo::BackoffPolicy backoff = {};
};

enum class PoolVerb : std::uint8_t {
    connect,    // make the slot's connection
    grant,      // give the slot's connection to the ticket
    clean,      // roll back and reset the slot's connection, in the background
    close,      // drop the slot's connection
    rest,       // say woke() after `delay`
    stop_rest,  // nobody needs that any more
};

struct PoolAction {
    PoolVerb verb;
    PoolSlot slot = 0;
    PoolTicket ticket = 0;
    std::chrono::milliseconds delay{0};

    bool operator==(const PoolAction&) const = default;
};
using PoolActions = std::vector<PoolAction>;

// In what state a connection comes back.
enum class Condition : std::uint8_t { clean, dirty, lost };

enum class SlotState : std::uint8_t { empty, connecting, idle, leased, cleaning };

// How many connections to start making: one for each caller who waits, less those that are on their way,
// within the free slots; a single one as long as the last attempt failed.
std::size_t connections_to_start(std::size_t waiting, std::size_t on_their_way, std::size_t free_slots,
                                 bool failing);

class PoolFsm {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit PoolFsm(PoolLimits limits);

    // An idle connection for a caller who comes when nobody waits: the one used last. The connections
    // that were too old go into `actions`.
    std::optional<PoolSlot> take_idle(Time now, PoolActions& actions);
    // That connection turned out to be closed by the server.
    void found_closed(PoolSlot slot);

    // Whether one more caller may wait.
    bool has_room() const { return waiting_.size() < limits_.max_waiting; }
    PoolActions request(PoolTicket ticket, Time now);
    // The caller went away, or its time was over.
    PoolActions withdraw(PoolTicket ticket);

    PoolActions connected(PoolSlot slot, Time now, std::uint64_t random);
    PoolActions connect_failed(PoolSlot slot, Time now, std::uint64_t random);
    PoolActions returned(PoolSlot slot, Condition condition, Time now);
    PoolActions cleaned(PoolSlot slot, bool ok, Time now);
    PoolActions woke(Time now);

    // From now on, connections are closed as they come back, and nothing is made or granted.
    PoolActions close();

    std::size_t count(SlotState state) const;
    std::size_t waiting() const { return waiting_.size(); }
    unsigned failures() const { return backoff_.failures(); }

private:
    struct Entry {
        SlotState state = SlotState::empty;
        Time expires{};  // the end of its lifetime
        Time idle_since{};
    };

    bool too_old(const Entry& entry, Time now) const;
    void drop_old(Time now, PoolActions& actions);
    void serve(Time now, PoolActions& actions);
    void start_connections(Time now, PoolActions& actions);

    PoolLimits limits_;
    std::vector<Entry> slots_;
    std::vector<PoolSlot> idle_;  // the one used last at the end
    std::deque<PoolTicket> waiting_;
    algo::Backoff backoff_;
    Time not_before_{};  // of the next attempt
    bool resting_ = false;
    bool closed_ = false;
};

}  // namespace singularity::pgclient
