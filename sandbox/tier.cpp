#include "sandbox/tier.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "core/format.hpp"
#include "sandbox/small_file.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

std::string_view name_of(Tier tier) {
    switch (tier) {
        case Tier::cgroup_v2: return "cgroup_v2";
        case Tier::cgroup_v1_v2kill: return "cgroup_v1_v2kill";
        case Tier::cgroup_v1: return "cgroup_v1";
        case Tier::rlimits: return "rlimits";
    }
    return "unknown";
}

namespace {

bool has_word(std::string_view list, std::string_view word, char separator) {
    while (!list.empty()) {
        const auto each = list.substr(0, list.find(separator));
        if (each == word) return true;
        list.remove_prefix(std::min(list.size(), each.size() + 1));
    }
    return false;
}

bool make_group(const fs::path& path) {
    return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

// A group can be made, and is no more than a folder in a read-only place.
bool usable(const fs::path& group) {
    return make_group(group) && ::access((group / "cgroup.procs").c_str(), W_OK) == 0;
}

// Our own place in the unified hierarchy, as the kernel tells it.
fs::path own_group(const fs::path& mount) {
    std::istringstream lines(read_small_file("/proc/self/cgroup").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("0::/")) return mount / line.substr(4);
    }
    return mount;
}

// Whether systemd has handed this group over (Delegate=yes), or it is the top of what a container sees: only
// then may it be divided, and who is in it be moved.
bool is_ours(const fs::path& group, const fs::path& mount) {
    if (fs::weakly_canonical(group) == fs::weakly_canonical(mount)) return true;
    for (const char* name : {"user.delegate", "trusted.delegate"}) {
        char value = 0;
        if (::getxattr(group.c_str(), name, &value, 1) == 1 && value == '1') return true;
    }
    return false;
}

// A group that has processes cannot lend controllers to groups below (cgroup-v2.rst, "No Internal Process
// Constraint"): they move one down, which is theirs to do in a group that systemd has delegated.
bool lend_controllers(const fs::path& group) {
    const auto lent = group / "cgroup.subtree_control";
    if (write_small_file(lent, "+memory +pids +cpu") || write_small_file(lent, "+memory +pids")) return true;
    if (errno != EBUSY || !make_group(group / "main")) return false;
    std::istringstream processes(read_small_file(group / "cgroup.procs").value_or(""));
    for (std::string pid; std::getline(processes, pid);) {
        write_small_file(group / "main" / "cgroup.procs", pid);
    }
    return write_small_file(lent, "+memory +pids +cpu") || write_small_file(lent, "+memory +pids");
}

bool offers(const fs::path& group) {
    const auto controllers = read_small_file(group / "cgroup.controllers").value_or("");
    const std::string_view line = std::string_view(controllers).substr(0, controllers.find('\n'));
    return has_word(line, "memory", ' ') && has_word(line, "pids", ' ');
}

// Below our own group where it may be divided, else at the top, where only root may.
fs::path unified_with_controllers(const fs::path& mount, const std::string& name) {
    for (const fs::path& parent : {own_group(mount), mount}) {
        if (is_ours(parent, mount) && offers(parent) && lend_controllers(parent) && usable(parent / name) &&
            lend_controllers(parent / name)) {
            return parent / name;
        }
    }
    return {};
}

}  // namespace

CgroupMounts cgroup_mounts(std::string_view mountinfo) {
    CgroupMounts mounts;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        const auto dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
        std::string id, parent, device, root, point, type, source, options;
        before >> id >> parent >> device >> root >> point;
        after >> type >> source >> options;
        if (type == "cgroup2") mounts.unified = point;
        if (type != "cgroup") continue;
        if (has_word(options, "memory", ',')) mounts.memory = point;
        if (has_word(options, "pids", ',')) mounts.pids = point;
        if (has_word(options, "cpuacct", ',')) mounts.cpuacct = point;
        if (has_word(options, "freezer", ',')) mounts.freezer = point;
    }
    return mounts;
}

namespace {

CgroupMounts mounts_here() {
    return cgroup_mounts(read_small_file("/proc/self/mountinfo").value_or(""));
}

std::string group_called(std::string_view name) {
    return core::format("singularity-{}", name);
}

// Empty where there is none, or it is somebody else's.
fs::path ours_if_there(const fs::path& mount, const std::string& group) {
    struct stat found{};
    const fs::path path = mount / group;
    const bool there = !mount.empty() && ::lstat(path.c_str(), &found) == 0;
    return there && S_ISDIR(found.st_mode) && found.st_uid == ::geteuid() ? path : fs::path();
}

}  // namespace

std::vector<CgroupPlaces> places_of_groups(std::string_view name) {
    const CgroupMounts mounts = mounts_here();
    const std::string own = group_called(name);
    std::vector<CgroupPlaces> places{{.tier = Tier::cgroup_v1,
                                      .unified = ours_if_there(mounts.unified, own),
                                      .memory = ours_if_there(mounts.memory, own),
                                      .pids = ours_if_there(mounts.pids, own),
                                      .cpuacct = ours_if_there(mounts.cpuacct, own),
                                      .freezer = ours_if_there(mounts.freezer, own)}};
    if (mounts.unified.empty()) return places;
    places.push_back({.tier = Tier::cgroup_v2, .unified = ours_if_there(own_group(mounts.unified), own)});
    return places;
}

CgroupPlaces find_cgroups(std::string_view name, Tier best) {
    if (best == Tier::rlimits) return {};
    const CgroupMounts mounts = mounts_here();
    const std::string own = group_called(name);
    const auto at = [&](const fs::path& mount) {
        return !mount.empty() && usable(mount / own) ? mount / own : fs::path();
    };
    CgroupPlaces places;
    if (!mounts.unified.empty() && best <= Tier::cgroup_v1_v2kill) {
        if (best == Tier::cgroup_v2) places.unified = unified_with_controllers(mounts.unified, own);
        if (!places.unified.empty()) return places.tier = Tier::cgroup_v2, places;
        places.unified = at(mounts.unified);
        if (!fs::exists(places.unified / "cgroup.kill")) places.unified.clear();
    }
    places.memory = at(mounts.memory);
    places.pids = at(mounts.pids);
    if (places.memory.empty() || places.pids.empty()) return {};
    places.tier = Tier::cgroup_v1_v2kill;
    if (!places.unified.empty()) return places;
    places.cpuacct = at(mounts.cpuacct);
    places.freezer = at(mounts.freezer);
    if (places.cpuacct.empty() || places.freezer.empty()) return {};
    places.tier = Tier::cgroup_v1;
    return places;
}

}  // namespace singularity::sandbox
