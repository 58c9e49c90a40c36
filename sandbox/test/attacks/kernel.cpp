// The kernel's own interfaces.
#include <linux/capability.h>

#include <csignal>

#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

// A system call that is refused before the kernel looks at its arguments.
Attack unreachable(const std::string& call, const std::string& layers = "seccomp, no capabilities",
                   Ground ground = Ground::plain) {
    return refused("reaches_" + call, {"reach " + call, {}, ground}, "EPERM|ENOSYS|EACCES", layers);
}

std::vector<Attack> calls() {
    std::vector<Attack> attacks;
    for (const char* call :
         {"acct", "adjtimex", "bpf", "delete_module", "fanotify_init", "finit_module", "init_module",
          "ioperm", "iopl", "kexec_load", "quotactl", "settimeofday", "swapoff", "swapon", "syslog"})
        attacks.push_back(unreachable(call));
    for (const char* call :
         {"io_setup", "io_uring_setup", "kcmp", "memfd_secret", "modify_ldt", "move_pages", "perf_event_open",
          "personality", "pidfd_getfd", "process_madvise", "userfaultfd"})
        attacks.push_back(unreachable(call, "seccomp"));
    return attacks;
}

}  // namespace

std::vector<Attack> kernel_attacks() {
    auto attacks = calls();
    const std::vector<Attack> more = {
        signalled("calls_as_a_32_bit_program", {"call_by_int80"}, SIGSYS, "seccomp"),
        signalled("calls_as_an_x32_program", {"call_by_x32"}, SIGSYS, "seccomp"),
        refused("becomes_root", {"become_root"}, "EPERM|EINVAL", "user namespace"),
        refused("gains_capabilities", {"gain_capabilities"}, "EPERM", "user namespace, no capabilities"),
        refused("sets_the_clock", {"set_clock 3", "set_clock 0"}, "EPERM", "seccomp, user namespace"),
        refused("renames_the_machine", {"set_host_name", {}, Ground::apart}, "EPERM",
                "seccomp, no capabilities, host-name namespace"),
        refused("restarts_the_machine",
                {.line = "restart_machine", .ground = Ground::apart, .bare_code = 128 + SIGHUP}, "EPERM",
                "seccomp, no capabilities"),
        refused("reads_kernel_addresses", {"read_kernel_addresses"}, "EPERM|ENOENT|EACCES",
                "no capabilities"),
        refused("writes_the_handler_of_crashes",
                {"write_file /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sysrq-trigger "
                 "/proc/sys/vm/overcommit_memory /proc/sys/kernel/hostname /proc/acpi",
                 "write_file /proc/sys/kernel/hostname", Ground::apart},
                "EACCES|EROFS|ENOENT|EPERM|EISDIR", "user, read-only /proc"),
        refused("reads_kernel_memory",
                {"read_file /proc/kcore /proc/vmcore /sys/kernel/debug", "read_file {file}"},
                "EACCES|ENOENT|EPERM", "user, mounts"),
        refused("writes_control_groups",
                {"write_file /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/memory/cgroup.procs "
                 "/sys/fs/cgroup/unified/cgroup.procs /sys/fs/cgroup/pids/cgroup.procs",
                 "write_file {file}"},
                "ENOENT|EACCES", "mounts, user"),
        refused("raises_its_limits", {.line = "raise_limits", .needs = CAP_SYS_RESOURCE}, "EPERM",
                "no capabilities"),
        refused("starts_the_handler_of_crashes", {"dump_core"}, "EPERM", "rlimits"),
        refused("takes_time_from_others", {"take_time_from_others"}, "EPERM|EACCES", "no capabilities"),
        refused("evades_the_end_by_lack_of_memory", {.line = "spare_oneself", .needs = CAP_SYS_RESOURCE},
                "EACCES|EPERM", "no capabilities"),
        refused("lifts_no_new_privileges", {"lift_no_new_privileges"}, "EPERM", "no_new_privs"),
    };
    attacks.insert(attacks.end(), more.begin(), more.end());
    return in_category("kernel interfaces", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
