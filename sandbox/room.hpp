// A workspace as the launcher has it: a slot, its file systems, the box that is up, and the run whose limits
// are watched. docs/sandbox.md has its state machine. Not thread-safe: lives in the launcher's loop.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "sandbox/box_process.hpp"
#include "sandbox/event_loop.hpp"
#include "sandbox/runtime_folder.hpp"
#include "sandbox/slot.hpp"
#include "sandbox/wire.hpp"

namespace singularity::sandbox {

// What all rooms of a launcher share.
struct House {
    EventLoop& loop;
    const RuntimeFolder& folder;
    CgroupPlaces cgroups;
    bool change_user = false;
    unsigned serial = 0;  // of the boxes
};

class Room {
public:
    using Time = EventLoop::Time;

    // Mounts the workspace and starts a first box. Throws SandboxError.
    Room(House& house, Slot slot, const WorkspaceLimits& limits, std::vector<Mount> mounts);
    ~Room();

    bool prepared() const { return !control_ && !closing_; }  // waits for a client
    bool has(const std::vector<Mount>& mounts) const;

    // Serves a client from now on; its end closes the room.
    void adopt(core::Descriptor control, const WorkspaceLimits& limits);

    // Looks after the limits; when it wants to be called again.
    std::optional<Time> tick(Time now);
    bool failed() const { return failures_ > 0; }  // a box ended by itself before a program ran in it
    bool unusable() const { return failed() && !served_; }  // before a client had it, too
    bool closed() const { return closing_ && !box_ && dying_.empty(); }
    void close();

private:
    struct Run {
        Time start, end{}, wall_until;
        std::int64_t cpu_before = 0, cpu_limit = 0;
        std::optional<Cause> ending{};  // the box was ended for it, and is dying
        bool died = false;              // the box ended by itself
    };

    void begin_box();
    void retire_box();
    void box_ended();
    void receive();
    void serve(const wire::Request& request);
    void start(const wire::Request& request);
    void finish();
    void end_run(Cause cause);
    void watch_run(Time now);
    void report();
    void answer(wire::Answer answer, std::string_view text, int descriptor = -1);
    void answer_with_box(wire::Ask ask);

    House& house_;
    Slot slot_;
    WorkspaceLimits limits_;
    std::vector<Mount> mounts_;
    core::Descriptor control_, box_socket_;
    std::unique_ptr<BoxProcess> box_;
    std::string complaint_;  // of the last box that ended before a program ran in it
    unsigned failures_ = 0;  // such boxes; one is replaced, more are told
    bool box_used_ = false, closing_ = false, served_ = false;
    std::optional<Run> run_;
    std::vector<std::unique_ptr<BoxProcess>> dying_;
};

}  // namespace singularity::sandbox
