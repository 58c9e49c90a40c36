#include "sandbox/holder.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/config.hpp"
#include "core/format.hpp"
#include "sandbox/box.hpp"
#include "sandbox/small_file.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

namespace {

fs::path usual_folder() {
    if (::geteuid() == 0) return "/run/singularity-sandbox";
    const auto runtime = core::environment_variable("XDG_RUNTIME_DIR");
    if (runtime && ::access(runtime->c_str(), W_OK) == 0) return fs::path(*runtime) / "singularity-sandbox";
    return fs::path("/tmp") / core::format("singularity-sandbox-{}", ::geteuid());
}

}  // namespace

fs::path lock_folder(const LauncherOptions& options) {
    const fs::path folder = options.folder.empty() ? usual_folder() : options.folder;
    struct stat found{};
    ::mkdir(folder.c_str(), 0700);
    if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::geteuid()) {
        throw SandboxError(core::format("{} is not a folder of ours", folder.string()));
    }
    return folder;
}

fs::path lock_of(const fs::path& folder, const std::string& name) {
    return folder / ("launcher-" + name);
}

core::Descriptor try_lock(int folder, const fs::path& file, bool existing) {
    const int create = existing ? 0 : O_CREAT;
    core::Descriptor lock(::openat(folder, file.c_str(), O_RDWR | create | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return core::Descriptor();
    // Its last holder may have removed it when it left: then another may have made a new one.
    struct stat ours{}, there{};
    if (::fstat(lock.get(), &ours) != 0 ||
        ::fstatat(folder, file.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 || ours.st_ino != there.st_ino)
        return core::Descriptor();
    return lock;
}

void enter_user_namespace() {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (user == 0) return;
    if (::unshare(CLONE_NEWUSER) != 0) {
        throw SandboxError(
            core::format("user namespaces are forbidden here ({}); an administrator allows them with "
                         "sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000 "
                         "kernel.apparmor_restrict_unprivileged_userns=0",
                         ::strerrordesc_np(errno)));
    }
    write_small_file("/proc/self/setgroups", "deny");
    if (!write_small_file("/proc/self/uid_map", core::format("{0} {0} 1", user)) ||
        !write_small_file("/proc/self/gid_map", core::format("{0} {0} 1", group))) {
        throw SandboxError(core::format("cannot map our own user: {}", ::strerrordesc_np(errno)));
    }
}

}  // namespace singularity::sandbox
