// One box as the launcher holds it: bubblewrap's process, its cgroup, and the way to end both. Nothing here
// reads what the box made, but for bubblewrap's own complaints.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/descriptor.hpp"
#include "sandbox/cgroup.hpp"

namespace singularity::sandbox {

struct BoxPlan {
    std::vector<std::string> arguments;  // of bubblewrap
    std::string filter;                  // the seccomp program's path
    uid_t user = 0;
    bool change_user = false;
    CgroupPlaces cgroups;
    std::string id;  // of its cgroup
};

// Whenever a child has ended: the boxes' own, and what they left to us.
void reap_children();

class BoxProcess {
public:
    // Throws SandboxError. The kernel ends the box when the thread that calls this ends.
    explicit BoxProcess(const BoxPlan& plan);
    ~BoxProcess();
    BoxProcess(const BoxProcess&) = delete;
    BoxProcess& operator=(const BoxProcess&) = delete;

    core::Descriptor take_socket() { return std::move(socket_); }  // to its process 1
    int pidfd() const { return pidfd_.get(); }                     // readable when it has ended
    Cgroup& cgroup() { return cgroup_; }

    void kill();
    bool gone();                       // reaped, and its cgroup removed
    bool left_orderly() const;         // its process 1 was left alone by its client, and ended
    std::string why_it_ended() const;  // "the box ended by itself: …", as bubblewrap or its process 1 said

private:
    Cgroup cgroup_;
    core::Descriptor socket_, pidfd_, complaints_;
    pid_t pid_ = -1;
};

}  // namespace singularity::sandbox
