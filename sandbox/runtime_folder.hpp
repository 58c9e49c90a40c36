// What boxes are made of, on a file system in memory that only the launcher sees: process 1, the few files of
// /etc, the seccomp filter, and each workspace. It lies in the launcher's own mount namespace and ends with
// it.
//
//     init                 process 1, readable by every slot
//     filter               the seccomp program
//     etc/passwd …         what a box sees of /etc
//     N/box                slot N's workspace: a file system of its own, of the slot's user, bound to /box
//     N/scratch/{tmp,shm}  the same for one box: /tmp and /dev/shm
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "sandbox/limits.hpp"

namespace singularity::sandbox {

class RuntimeFolder {
public:
    // Leaves the mount namespace that we share, mounts the folder over `at` and fills it. Throws
    // SandboxError.
    explicit RuntimeFolder(std::filesystem::path at);

    // What stands in a box's /etc. The compilers' usual names (cc, awk) lead through the alternatives.
    static constexpr const char* kEtc[] = {"passwd",        "group",       "hosts",
                                           "nsswitch.conf", "ld.so.cache", "alternatives"};

    std::filesystem::path init() const { return at_ / "init"; }
    std::filesystem::path filter() const { return at_ / "filter"; }
    std::filesystem::path etc() const { return at_ / "etc"; }
    std::filesystem::path box(unsigned slot) const { return at_ / std::to_string(slot) / "box"; }
    std::filesystem::path scratch(unsigned slot) const { return at_ / std::to_string(slot) / "scratch"; }

    // Throw SandboxError.
    void mount_workspace(unsigned slot, uid_t owner, const WorkspaceLimits& limits) const;
    void resize_workspace(unsigned slot, uid_t owner, const WorkspaceLimits& limits) const;
    void mount_scratch(unsigned slot, uid_t owner) const;

    void unmount(unsigned slot) const;

private:
    std::filesystem::path at_;
};

}  // namespace singularity::sandbox
