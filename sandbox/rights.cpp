#include "sandbox/rights.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "core/format.hpp"
#include "sandbox/box.hpp"

namespace singularity::sandbox {

namespace {

constexpr std::initializer_list<int> kToMakeBoxes = {CAP_CHOWN,  CAP_KILL,      CAP_SETGID,
                                                     CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_RESOURCE};
// Groups are made in folders that forbid it to everybody, and runtimes may lie where only their owner may go:
// CAP_DAC_OVERRIDE. CAP_SETPCAP is to drop what launchers do without.
constexpr std::initializer_list<int> kToBegin = {CAP_CHOWN,   CAP_KILL,        CAP_SETGID,
                                                 CAP_SETUID,  CAP_SYS_ADMIN,   CAP_SYS_RESOURCE,
                                                 CAP_SETPCAP, CAP_DAC_OVERRIDE};

// Nor can a program that we execute have them. Refused to whoever has few rights already: then that suffices.
void bound(std::initializer_list<int> kept) {
    for (int right = 0; right <= 63 && ::prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0; ++right) {
        if (!std::ranges::contains(kept, right)) ::prctl(PR_CAPBSET_DROP, right, 0, 0, 0);
    }
}

void keep(std::initializer_list<int> kept) {
    bound(kept);
    std::uint64_t mask = 0;
    for (const int right : kept) mask |= std::uint64_t{1} << right;
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct rights[2]{};
    bool done = ::syscall(SYS_capget, &header, rights) == 0;
    for (int half = 0; half < 2; ++half) {
        rights[half].permitted &= static_cast<std::uint32_t>(mask >> (32 * half));
        rights[half].effective = rights[half].permitted;
        rights[half].inheritable = 0;
    }
    done = done && ::syscall(SYS_capset, &header, rights) == 0;
    if (!done) throw SandboxError(core::format("cannot give rights up: {}", ::strerrordesc_np(errno)));
}

}  // namespace

void keep_rights_to_begin() {
    keep(kToBegin);
}

void keep_rights_to_make_boxes() {
    keep(kToMakeBoxes);
}

}  // namespace singularity::sandbox
