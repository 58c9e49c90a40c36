// Namespaces and mounts: new ones in which one is root, the host's own ones, other things in familiar places.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

struct Kind {
    const char* name;
    int flag;
};

const Kind kKinds[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},       {"net", CLONE_NEWNET},
                       {"pid", CLONE_NEWPID},   {"ipc", CLONE_NEWIPC},      {"uts", CLONE_NEWUTS},
                       {"time", CLONE_NEWTIME}, {"cgroup", CLONE_NEWCGROUP}};

int flag_of(const char* name) {
    for (const Kind& kind : kKinds)
        if (std::strcmp(kind.name, name) == 0) return kind.flag;
    return 0;
}

int unshare_namespace(Arguments arguments) {
    return unshare(flag_of(arguments[0])) == 0 ? got("a namespace: %s", arguments[0]) : denied("unshare");
}

int clone_namespace(Arguments arguments) {
    const long child =
        syscall(SYS_clone, flag_of(arguments[0]) | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (child == 0) _exit(0);
    if (child < 0) return denied("clone");
    waitpid(static_cast<pid_t>(child), nullptr, 0);
    return got("a child in a namespace");
}

// A filter cannot look behind clone3's pointer.
int clone3_namespace(Arguments arguments) {
    clone_args wanted{};
    wanted.flags = static_cast<__u64>(flag_of(arguments[0]));
    wanted.exit_signal = SIGCHLD;
    const long child = syscall(SYS_clone3, &wanted, sizeof wanted);
    if (child == 0) _exit(0);
    if (child < 0) return denied("clone3");
    waitpid(static_cast<pid_t>(child), nullptr, 0);
    return got("a child in a namespace");
}

// Joins the namespaces of a process; what counts is one that is not ours already.
int enter_namespaces(Arguments arguments) {
    int error = ENOENT;
    for (const Kind& kind : kKinds) {
        if (kind.flag == CLONE_NEWUSER) continue;  // joining one's own is always refused
        const std::string path = std::string("/proc/") + arguments[0] + "/ns/" + kind.name;
        const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0 && setns(file, kind.flag) == 0) return got("%s", path.c_str());
        error = errno;
    }
    return denied("setns", error);
}

int mount_something(Arguments) {
    mkdir("mounted", 0700);
    return mount("none", "mounted", "tmpfs", 0, "size=4k") == 0 ? got("a mount") : denied("mount");
}

int bind_over(Arguments arguments) {
    mkdir("mounted", 0700);
    return mount(arguments[0], "mounted", nullptr, MS_BIND, nullptr) == 0 ? got("%s, elsewhere", arguments[0])
                                                                          : denied("mount");
}

int remount_writable(Arguments arguments) {
    const int done = mount(nullptr, arguments[0], nullptr, MS_REMOUNT | MS_BIND, nullptr);
    return done == 0 ? got("%s, writable", arguments[0]) : denied("mount");
}

int mount_proc(Arguments) {
    mkdir("mounted", 0700);
    return mount("proc", "mounted", "proc", 0, nullptr) == 0 ? got("a /proc of its own") : denied("mount");
}

int mount_cgroups(Arguments) {
    mkdir("mounted", 0700);
    return mount("none", "mounted", "cgroup2", 0, nullptr) == 0 ? got("cgroups") : denied("mount");
}

int unmount(Arguments arguments) {
    return umount2(arguments[0], MNT_DETACH) == 0 ? got("what %s covers", arguments[0]) : denied("umount");
}

const Command kCommands[] = {
    {"unshare", unshare_namespace},   {"clone", clone_namespace},
    {"clone3", clone3_namespace},     {"enter_namespaces", enter_namespaces},
    {"mount", mount_something},       {"bind_over", bind_over},
    {"remount", remount_writable},    {"mount_proc", mount_proc},
    {"mount_cgroups", mount_cgroups}, {"unmount", unmount},
};

}  // namespace

}  // namespace attacker
