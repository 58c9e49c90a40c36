// Kernel interfaces that need more than a call: other doors to the same calls, rights, clocks, sysctls,
// dumps.
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace attacker {

namespace {

// getpid by the door of 32-bit programs, which a filter for 64 bits does not know. A kernel without that door
// answers as to any trap it does not know.
int call_by_int80(Arguments) {
    signal(SIGSEGV, [](int) { std::exit(denied("no door by int 0x80", ENOSYS)); });
    long answer = 0;
    asm volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return answer == getpid() ? got("getpid by int 0x80") : denied("int 0x80", ENOSYS);
}

int call_by_x32(Arguments) {
    const long answer = syscall(0x40000000 + SYS_getpid);
    return answer == getpid() ? got("getpid by x32") : denied("x32");
}

int become_root(Arguments) {
    if (setresuid(0, 0, 0) != 0) return denied("setresuid");
    if (setgroups(0, nullptr) != 0) return denied("setgroups");
    const int file = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    return file < 0 ? denied("uid_map") : got("user 0");
}

int gain_capabilities(Arguments) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    std::memset(data, 0xff, sizeof data);
    if (syscall(SYS_capget, &header, data) != 0) return broken("capget");
    if ((data[0].effective | data[0].permitted | data[0].inheritable) != 0)
        return got("capabilities %x", data[0].effective);
    data[0].effective = data[0].permitted = 1U << CAP_SYS_ADMIN;
    return syscall(SYS_capset, &header, data) == 0 ? got("CAP_SYS_ADMIN") : denied("capset");
}

// Hours to add to the clock; with 0 only the right to set it is tried.
int set_clock(Arguments arguments) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += number(arguments[0]) * 3600;
    if (number(arguments[0]) != 0 && clock_settime(CLOCK_REALTIME, &now) == 0) return got("another time");
    return syscall(SYS_settimeofday, nullptr, nullptr) == 0 ? got("the clock") : denied("settimeofday");
}

int set_host_name(Arguments) {
    if (sethostname("owned", 5) == 0) return got("another name");
    return denied("sethostname");
}

// In a process namespace of its own this ends that namespace's process 1 with SIGINT.
int restart_machine(Arguments) {
    reboot(RB_AUTOBOOT);
    return denied("reboot");
}

int read_kernel_addresses(Arguments) {
    const std::string symbols = content_of("/proc/kallsyms", 4096);
    if (symbols.empty()) return denied("/proc/kallsyms");
    return symbols.starts_with("0000000000000000") ? denied("addresses", EPERM)
                                                   : got("%.40s", symbols.c_str());
}

// More than what we were given, of anything. What has no limit gets one first.
int raise_limits(Arguments) {
    for (const auto limit : {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_MEMLOCK}) {
        rlimit values{};
        getrlimit(limit, &values);
        if (values.rlim_max == RLIM_INFINITY) {
            values = {rlim_t{1} << 40, rlim_t{1} << 40};
            setrlimit(limit, &values);
        }
        values.rlim_max += 1;
        if (setrlimit(limit, &values) == 0) return got("a higher limit %d", static_cast<int>(limit));
    }
    return denied("setrlimit");
}

// Whether a crash would write a file, or start the host's handler of crashes (a pipe takes a limit of 0,
// but not of 1).
int dump_core(Arguments) {
    prctl(PR_SET_DUMPABLE, 1);
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    if (limit.rlim_cur == 1 && limit.rlim_max == 1) return denied("a dump", EPERM);
    return got("a dump of up to %lu bytes", static_cast<unsigned long>(limit.rlim_max));
}

int take_time_from_others(Arguments) {
    const sched_param first{.sched_priority = 50};
    if (sched_setscheduler(0, SCHED_FIFO, &first) == 0) return got("SCHED_FIFO");
    if (setpriority(PRIO_PROCESS, 0, -20) == 0) return got("priority -20");
    // Real-time class for disks, level 0.
    if (syscall(SYS_ioprio_set, 1, 0, 1 << 13) == 0) return got("real-time disks");
    return denied("priority");
}

int spare_oneself(Arguments) {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return denied("oom_score_adj");
    return write(file, "-900", 4) == 4 ? got("no kill by lack of memory") : denied("-900");
}

int lift_no_new_privileges(Arguments) {
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0) return got("programs that change their user");
    prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    return denied("no_new_privs", EPERM);
}

const Command kCommands[] = {
    {"call_by_int80", call_by_int80},
    {"call_by_x32", call_by_x32},
    {"become_root", become_root},
    {"gain_capabilities", gain_capabilities},
    {"set_clock", set_clock},
    {"set_host_name", set_host_name},
    {"restart_machine", restart_machine},
    {"read_kernel_addresses", read_kernel_addresses},
    {"raise_limits", raise_limits},
    {"dump_core", dump_core},
    {"take_time_from_others", take_time_from_others},
    {"spare_oneself", spare_oneself},
    {"lift_no_new_privileges", lift_no_new_privileges},
};

}  // namespace

}  // namespace attacker
