// What boxes are made of, on a file system in memory that only the launcher sees: process 1, the few files of
// /etc, the seccomp filter, and each workspace. It lies in the launcher's own mount namespace and ends with
// it.
//
//     init                 process 1, readable by every slot
//     filter               the seccomp program
//     runtimes             what lies beside /usr for boxes, read-only; bound here because slots may not go
//     there etc/passwd …         what a box sees of /etc N/box                slot N's workspace: a file
//     system of its own, of the slot's user, bound to /box N/scratch/{tmp,shm}  the same for one box: /tmp
//     and /dev/shm
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "sandbox/limits.hpp"

namespace singularity::sandbox {

class RuntimeFolder {
public:
    // Leaves the mount namespace that we share, mounts the folder over `at` and fills it. Throws
    // SandboxError. `runtimes` may be empty, or missing.
    explicit RuntimeFolder(std::filesystem::path at, std::filesystem::path runtimes = {});

    // What stands in a box's /etc. The compilers' usual names (cc, awk) lead through the alternatives.
    static constexpr const char* kEtc[] = {"passwd",        "group",       "hosts",
                                           "nsswitch.conf", "ld.so.cache", "alternatives"};

    std::filesystem::path init() const { return at_ / "init"; }
    std::filesystem::path filter() const { return at_ / "filter"; }
    // Where a slot reaches what a client calls `path`.
    std::filesystem::path reachable(const std::filesystem::path& path) const;
    std::filesystem::path etc() const { return at_ / "etc"; }
    std::filesystem::path box(unsigned slot) const { return at_ / std::to_string(slot) / "box"; }
    std::filesystem::path scratch(unsigned slot) const { return at_ / std::to_string(slot) / "scratch"; }

    // Throw SandboxError.
    void mount_workspace(unsigned slot, uid_t owner, const WorkspaceLimits& limits) const;
    void resize_workspace(unsigned slot, uid_t owner, const WorkspaceLimits& limits) const;
    void mount_scratch(unsigned slot, uid_t owner) const;

    void unmount(unsigned slot) const;

private:
    std::filesystem::path at_, runtimes_;
};

}  // namespace singularity::sandbox
