// System calls that widen the kernel's face, each with arguments that do nothing: what counts is whether the
// kernel looks at them. EPERM, EACCES and ENOSYS are a no; success and any other error a yes.
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

struct Call {
    const char* name;
    long (*make)();
};

io_uring_params ring{};
perf_event_attr event{};
char bytes[4096];

long open_event() {
    event.type = PERF_TYPE_SOFTWARE;
    event.size = sizeof event;
    return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}

// One tick is what it is already.
long same_tick() {
    timex values{};
    adjtimex(&values);
    values.modes = ADJ_TICK;
    return adjtimex(&values);
}

const Call kCalls[] = {
    {"acct", [] { return long{acct("/nonexistent")}; }},
    {"add_key", [] { return syscall(SYS_add_key, "user", "planted", "x", 1, KEY_SPEC_PROCESS_KEYRING); }},
    {"adjtimex", same_tick},
    {"bpf", [] { return syscall(SYS_bpf, BPF_PROG_LOAD, bytes, 0); }},
    {"delete_module", [] { return syscall(SYS_delete_module, "no_such_module", O_NONBLOCK); }},
    {"fanotify_init", [] { return long{fanotify_init(FAN_CLASS_CONTENT, O_RDONLY)}; }},
    {"finit_module", [] { return syscall(SYS_finit_module, -1, "", 0); }},
    {"fsopen", [] { return syscall(SYS_fsopen, "tmpfs", 0); }},
    {"init_module", [] { return syscall(SYS_init_module, nullptr, 0, ""); }},
    {"io_setup", [] { return syscall(SYS_io_setup, 1, bytes); }},
    {"io_uring_setup", [] { return syscall(SYS_io_uring_setup, 1, &ring); }},
    {"ioperm", [] { return long{ioperm(0x80, 1, 1)}; }},
    {"iopl", [] { return long{iopl(3)}; }},
    {"kcmp", [] { return syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0); }},
    {"kexec_load", [] { return syscall(SYS_kexec_load, 0, 99, nullptr, 0); }},
    {"keyctl_session",
     [] { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0); }},
    {"memfd_secret", [] { return syscall(SYS_memfd_secret, 0); }},
    {"modify_ldt", [] { return syscall(SYS_modify_ldt, 0, bytes, 16); }},
    {"mount_setattr", [] { return syscall(SYS_mount_setattr, -1, "", 0, bytes, 32); }},
    {"move_mount", [] { return syscall(SYS_move_mount, -1, "x", -1, "y", 0); }},
    {"move_pages", [] { return syscall(SYS_move_pages, 0, 0, nullptr, nullptr, nullptr, 0); }},
    {"open_tree", [] { return syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */); }},
    {"perf_event_open", open_event},
    {"personality", [] { return long{personality(ADDR_NO_RANDOMIZE)}; }},
    {"pidfd_getfd", [] { return syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, getpid(), 0), 0, 0); }},
    {"pivot_root", [] { return syscall(SYS_pivot_root, "/", "/"); }},
    {"process_madvise", [] { return syscall(SYS_process_madvise, -1, nullptr, 0, 0, 0); }},
    {"quotactl", [] { return long{quotactl(QCMD(Q_QUOTAON, USRQUOTA), "/dev/null", 1, bytes)}; }},
    {"request_key", [] { return syscall(SYS_request_key, "user", "none", nullptr, 0); }},
    {"settimeofday", [] { return syscall(SYS_settimeofday, nullptr, nullptr); }},
    {"setns_self", [] { return syscall(SYS_setns, open("/proc/self/ns/uts", O_RDONLY), 0); }},
    {"swapoff", [] { return long{swapoff("/nonexistent")}; }},
    {"swapon", [] { return long{swapon("/nonexistent", 0)}; }},
    {"syslog", [] { return syscall(SYS_syslog, 3, bytes, sizeof bytes); }},
    {"umount", [] { return long{umount2("/nonexistent", 0)}; }},
    {"userfaultfd", [] { return syscall(SYS_userfaultfd, O_CLOEXEC); }},
};

int reach(Arguments arguments) {
    for (const Call& call : kCalls) {
        if (std::strcmp(call.name, arguments[0]) != 0) continue;
        errno = 0;
        if (call.make() >= 0) return got("%s", call.name);
        const bool refused = errno == EPERM || errno == EACCES || errno == ENOSYS;
        return refused ? denied(call.name) : got("%s as far as %s", call.name, strerrorname_np(errno));
    }
    return broken("no such call");
}

const Command kCommands[] = {{"reach", reach}};

}  // namespace

}  // namespace attacker
