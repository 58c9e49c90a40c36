// Which cgroups this machine lends us, and where ours are made.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "sandbox/box.hpp"

namespace singularity::sandbox {

// Our own group in each hierarchy that we use; the boxes' groups are made below. An empty path: not used.
struct CgroupPlaces {
    Tier tier = Tier::rlimits;
    std::filesystem::path unified{};             // v2: everything (cgroup_v2), or to kill and to count CPU
    std::filesystem::path memory{}, pids{};      // v1
    std::filesystem::path cpuacct{}, freezer{};  // v1, where there is no v2
};

struct CgroupMounts {
    std::filesystem::path unified, memory, pids, cpuacct, freezer;  // mount points; empty where there is none
};

// From the text of /proc/self/mountinfo.
CgroupMounts cgroup_mounts(std::string_view mountinfo);

// The best tier that can really be used, and none better than `best`: makes our groups, called `name`, and
// tries each of them.
CgroupPlaces find_cgroups(std::string_view name, Tier best);

// Where groups called `name` may lie that we have made, without making any: sets of places for sweep_cgroups.
std::vector<CgroupPlaces> places_of_groups(std::string_view name);

// Ends whatever runs below our groups and removes them: what an earlier life may have left.
void sweep_cgroups(const CgroupPlaces& places);

}  // namespace singularity::sandbox
