// The life of one supervised part, as a state machine without I/O: docs/cluster.md draws it.
//
// Events go in (start, ready, exited, timer, stop), each with the time; an action comes out, which
// the shell around it (part.hpp) performs. There is one timer: an action that arms it replaces it.
// A *crash* is every end that was not asked for. Crashes are answered by full-jitter backoff; the
// fifth within a minute ends the trying.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "algo/backoff.hpp"

namespace singularity::cluster {

enum class ChildState {
    idle,         // not started yet
    starting,     // its process is being made, or runs and is not ready
    ready,        // said that it is ready, or was found to be
    backing_off,  // crashed; waits before the next start
    stopping,     // was asked to stop
    stopped,      // ended because it was asked to
    failed,       // crashed too often; stays down
};

std::string_view name_of(ChildState state);

enum class ChildStep {
    none,
    spawn,      // start the process; `delay`, where not zero, is how long it may take to be ready
    wait,       // no process; call timer() after `delay`
    terminate,  // ask the process to end; call timer() after `delay`
    kill,       // end the process
    give_up,    // tell somebody
    settled,    // it has stopped for good
};

struct ChildAction {
    ChildStep step = ChildStep::none;
    std::chrono::milliseconds delay{0};

    bool operator==(const ChildAction&) const = default;
};

struct ChildLimits {
    unsigned crashes = 5;
    std::chrono::seconds window{60};
    std::chrono::milliseconds start{0};  // from spawn to ready; zero: as long as it takes
    std::chrono::milliseconds stop{15'000};
    algo::BackoffPolicy backoff{std::chrono::milliseconds{200}, std::chrono::milliseconds{10'000}};
};

class ChildFsm {
public:
    using Time = std::chrono::steady_clock::time_point;

    // `random` gives uniform 64-bit values.
    ChildFsm(ChildLimits limits, std::function<std::uint64_t()> random);

    ChildState state() const { return state_; }
    unsigned crashes_in_window() const { return static_cast<unsigned>(crashes_.size()); }

    ChildAction start();
    void ready();
    ChildAction exited(Time now);  // also where the process could not be started
    ChildAction timer();
    ChildAction stop();

private:
    ChildAction spawn();
    ChildAction crashed(Time now);

    ChildLimits limits_;
    std::function<std::uint64_t()> random_;
    ChildState state_ = ChildState::idle;
    bool has_process_ = false;  // from spawn to exited
    std::deque<Time> crashes_;  // within the window, oldest first
};

}  // namespace singularity::cluster
