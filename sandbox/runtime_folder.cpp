#include "sandbox/runtime_folder.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/descriptor.hpp"
#include "core/format.hpp"
#include "sandbox/box.hpp"
#include "sandbox/init_image.hpp"
#include "sandbox/seccomp.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

namespace {

#ifndef MS_NOSYMFOLLOW
constexpr unsigned long MS_NOSYMFOLLOW = 256;
#endif

constexpr unsigned long kWorkspaceFlags = MS_NOSUID | MS_NODEV | MS_NOSYMFOLLOW;
constexpr WorkspaceLimits kScratch{.bytes = 64 * kMiB, .files = 8'000};

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/usr/sbin/nologin\nbox:x:1000:1000:box:/box:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
constexpr std::string_view kGroup = "root:x:0:\nbox:x:1000:\nnogroup:x:65534:\n";
constexpr std::string_view kHosts = "127.0.0.1 localhost box\n";
constexpr std::string_view kSwitch = "passwd: files\ngroup: files\nhosts: files\n";

[[noreturn]] void fail(std::string_view what, const fs::path& path) {
    throw SandboxError(core::format("cannot {} {}: {}", what, path.string(), ::strerrordesc_np(errno)));
}

void write_file(const fs::path& path, std::string_view text, mode_t mode) {
    const core::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fchmod(file.get(), mode) != 0) {
        fail("write", path);
    }
}

void make_folder(const fs::path& path, mode_t mode) {
    if ((::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) || ::chmod(path.c_str(), mode) != 0) {
        fail("make", path);
    }
}

void mount_memory(const fs::path& path, unsigned long flags, const std::string& options) {
    if (::mount("tmpfs", path.c_str(), "tmpfs", flags, options.c_str()) != 0) fail("mount", path);
}

void bind_read_only(const core::Descriptor& folder, const fs::path& path) {
    make_folder(path, 0711);
    const std::string source = core::format("/proc/self/fd/{}", folder.get());
    if (::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) fail("bind", path);
    constexpr unsigned long kFlags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
    if (::mount(nullptr, path.c_str(), nullptr, kFlags, nullptr) != 0) fail("protect", path);
}

std::string size_options(const WorkspaceLimits& limits) {
    return core::format("size={},nr_inodes={}", limits.bytes, limits.files + 1);  // the root folder counts
}

std::string owner_options(uid_t owner) {
    return core::format(",mode=0700,uid={0},gid={0}", owner);
}

}  // namespace

RuntimeFolder::RuntimeFolder(fs::path at, fs::path runtimes)
    : at_(std::move(at)), runtimes_(std::move(runtimes)) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        fail("leave the shared mounts for", at_);
    }
    // Before we hide what lies at our place.
    const core::Descriptor found(
        runtimes_.empty() ? -1 : ::open(runtimes_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    mount_memory(at_, MS_NOSUID | MS_NODEV, "size=64M,mode=0711");
    write_file(init(), init_image(), 0555);
    write_file(filter(), seccomp_program(), 0444);
    make_folder(etc(), 0755);
    write_file(etc() / "passwd", kPasswd, 0444);
    write_file(etc() / "group", kGroup, 0444);
    write_file(etc() / "hosts", kHosts, 0444);
    write_file(etc() / "nsswitch.conf", kSwitch, 0444);
    std::error_code missing;
    fs::copy("/etc/ld.so.cache", etc() / "ld.so.cache", missing);
    fs::copy("/etc/alternatives", etc() / "alternatives",
             fs::copy_options::copy_symlinks | fs::copy_options::recursive, missing);
    if (found) bind_read_only(found, at_ / "runtimes");
    else runtimes_.clear();
}

fs::path RuntimeFolder::reachable(const fs::path& path) const {
    const fs::path inside = runtimes_.empty() ? fs::path() : path.lexically_relative(runtimes_);
    if (inside.empty() || *inside.begin() == "..") return path;
    return at_ / "runtimes" / inside;
}

void RuntimeFolder::mount_workspace(unsigned slot, uid_t owner, const WorkspaceLimits& limits) const {
    make_folder(box(slot).parent_path(), 0711);
    make_folder(box(slot), 0711);
    make_folder(scratch(slot), 0711);
    mount_memory(box(slot), kWorkspaceFlags, size_options(limits) + owner_options(owner));
}

void RuntimeFolder::resize_workspace(unsigned slot, uid_t, const WorkspaceLimits& limits) const {
    mount_memory(box(slot), kWorkspaceFlags | MS_REMOUNT, size_options(limits));
}

// The folders are made before anybody else can reach the new file system.
void RuntimeFolder::mount_scratch(unsigned slot, uid_t owner) const {
    const fs::path path = scratch(slot);
    ::umount2(path.c_str(), MNT_DETACH);
    mount_memory(path, MS_NOSUID | MS_NODEV, size_options(kScratch) + ",mode=0711");
    for (const char* name : {"tmp", "shm"}) {
        make_folder(path / name, 0700);
        if (::chown((path / name).c_str(), owner, owner) != 0) fail("give away", path / name);
    }
}

void RuntimeFolder::unmount(unsigned slot) const {
    ::umount2(scratch(slot).c_str(), MNT_DETACH);
    ::umount2(box(slot).c_str(), MNT_DETACH);
}

}  // namespace singularity::sandbox
