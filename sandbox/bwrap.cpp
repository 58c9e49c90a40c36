#include "sandbox/bwrap.hpp"

#include <algorithm>
#include <array>

#include "core/format.hpp"

namespace singularity::sandbox {

namespace {

using Arguments = std::vector<std::string>;

void add(Arguments& arguments, std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
}

void isolate(Arguments& arguments) {
    add(arguments,
        {"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
         "--unshare-cgroup", "--disable-userns", "--die-with-parent", "--as-pid-1", "--new-session",
         "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "box"});
}

void add_system(Arguments& arguments) {
    add(arguments, {"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin",
                    "/sbin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"});
}

// As one mount, unless something else is to stand within it.
void add_etc(Arguments& arguments, const RuntimeFolder& folder, const std::vector<Mount>& mounts) {
    const bool whole = std::ranges::none_of(
        mounts, [](const Mount& mount) { return mount.destination.starts_with("/etc/"); });
    if (whole) return add(arguments, {"--ro-bind", folder.etc(), "/etc"});
    for (const char* entry : RuntimeFolder::kEtc) {
        add(arguments, {"--ro-bind-try", folder.etc() / entry, core::format("/etc/{}", entry)});
    }
}

constexpr std::array kOurs = {"/box", "/tmp", "/dev",  "/proc", "/sys",  "/sginit",
                              "/usr", "/bin", "/sbin", "/lib",  "/lib64"};
constexpr std::array kHidden = {"/proc", "/sys", "/dev", "/run", "/boot"};

bool within(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool plain(std::string_view path) {
    if (!path.starts_with('/') || path.size() < 2 || path.size() > 1024) return false;
    if (path.contains("//") || path.ends_with('/')) return false;
    return !path.contains("/../") && !path.contains("/./") && !path.ends_with("/..") && !path.ends_with("/.");
}

}  // namespace

std::optional<std::string> refuse_mount(const Mount& mount) {
    for (const std::string& path : {mount.source, mount.destination}) {
        if (!plain(path)) return core::format("'{}' is no plain absolute path", path);
    }
    const auto lies_within = [](const std::string& path) {
        return [&path](const char* folder) { return within(path, folder); };
    };
    if (std::ranges::any_of(kOurs, lies_within(mount.destination))) {
        return core::format("nothing can be mounted at {} in a box", mount.destination);
    }
    if (std::ranges::any_of(kHidden, lies_within(mount.source))) {
        return core::format("{} is never shown to a box", mount.source);
    }
    return std::nullopt;
}

std::vector<std::string> bwrap_arguments(const RuntimeFolder& folder, unsigned slot,
                                         const std::vector<Mount>& mounts) {
    Arguments arguments{"bwrap"};
    isolate(arguments);
    add_system(arguments);
    add_etc(arguments, folder, mounts);
    add(arguments, {"--ro-bind", folder.init(), "/sginit"});
    for (const Mount& mount : mounts)
        add(arguments, {"--ro-bind", folder.reachable(mount.source), mount.destination});
    const auto scratch = folder.scratch(slot);
    add(arguments, {"--proc",       "/proc",  "--dev",         "/dev",      "--bind",  scratch / "shm",
                    "/dev/shm",     "--bind", scratch / "tmp", "/tmp",      "--bind",  folder.box(slot),
                    "/box",         "--dir",  "/var",          "--symlink", "../tmp",  "/var/tmp",
                    "--remount-ro", "/dev",   "--remount-ro",  "/",         "--chdir", "/box"});
    add(arguments, {"--seccomp", std::to_string(kFilterFile), "--", "/sginit", std::to_string(kInitSocket)});
    return arguments;
}

}  // namespace singularity::sandbox
