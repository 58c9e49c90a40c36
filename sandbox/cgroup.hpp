// The cgroup of one box, in every hierarchy that the tier has (docs/sandbox.md): its limits, what it used,
// and its end. Kernel documentation: admin-guide/cgroup-v2.rst,
// admin-guide/cgroup-v1/{memory,pids,freezer-subsystem}.
#pragma once

#include <string>
#include <vector>

#include "core/descriptor.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

struct CgroupUsage {
    std::int64_t cpu_us = 0;  // since the group was made
    std::int64_t memory_peak_bytes = 0, oom_kills = 0, processes_peak = 0;
};

class Cgroup {
public:
    Cgroup(const CgroupPlaces& places, std::string id);

    // False with errno set.
    bool create();
    bool set_limits(std::int64_t memory_bytes, std::int64_t processes);

    // Where a process writes "0" to be in it.
    std::vector<std::string> doors() const;

    void forget_memory_peak();
    CgroupUsage usage() const;

    void kill();
    bool populated() const;
    std::int64_t processes() const;  // threads count; 0 where nothing counts them
    bool remove();                   // false while something in it is still dying

private:
    bool limit_memory_v1(std::int64_t bytes);
    void kill_through_freezer();
    std::vector<std::filesystem::path> groups() const;

    CgroupPlaces at_;  // the box's own groups
    core::Descriptor peak_;
};

}  // namespace singularity::sandbox
