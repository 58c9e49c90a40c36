#include "sandbox/seccomp.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "sandbox/box.hpp"

namespace singularity::sandbox {

namespace {

constexpr std::uint64_t kLinuxPersonality = 0, kQueryPersonality = 0xffffffff;
constexpr std::uint64_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

class Filter {
public:
    Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &::seccomp_release) {
        if (!context_) throw SandboxError("cannot make a seccomp filter");
        attribute(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        attribute(SCMP_FLTATR_CTL_OPTIMIZE, 2);
    }

    // A call that this architecture or this libseccomp does not know is none that could be made.
    void rule(std::uint32_t action, std::string_view call, const std::vector<scmp_arg_cmp>& when = {}) {
        const int number = ::seccomp_syscall_resolve_name(std::string(call).c_str());
        if (number < 0) return;
        const int failed = ::seccomp_rule_add_array(context_.get(), action, number,
                                                    static_cast<unsigned>(when.size()), when.data());
        if (failed != 0) throw SandboxError("the seccomp filter refuses " + std::string(call));
    }

    void allow(std::string_view call, const std::vector<scmp_arg_cmp>& when = {}) {
        rule(SCMP_ACT_ALLOW, call, when);
    }
    void deny(std::string_view call, int error, const std::vector<scmp_arg_cmp>& when = {}) {
        rule(SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)), call, when);
    }

    std::string program() {
        std::size_t size = 0;
        ::seccomp_export_bpf_mem(context_.get(), nullptr, &size);
        std::string bytes(size, '\0');
        if (::seccomp_export_bpf_mem(context_.get(), bytes.data(), &size) != 0) {
            throw SandboxError("cannot export the seccomp filter");
        }
        return bytes;
    }

private:
    void attribute(scmp_filter_attr name, std::uint32_t value) {
        if (::seccomp_attr_set(context_.get(), name, value) != 0) {
            throw SandboxError("cannot set an attribute of the seccomp filter");
        }
    }

    std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

scmp_arg_cmp argument(unsigned index, scmp_compare how, std::uint64_t value, std::uint64_t other = 0) {
    return {.arg = index, .op = how, .datum_a = value, .datum_b = other};
}

// AF_VSOCK ignores network namespaces and the others are a large part of the kernel: none but AF_UNIX.
void allow_sockets(Filter& filter) {
    for (const std::string_view call : {"socket", "socketpair"}) {
        filter.allow(call, {argument(0, SCMP_CMP_EQ, AF_UNIX)});
        filter.deny(call, EAFNOSUPPORT, {argument(0, SCMP_CMP_NE, AF_UNIX)});
    }
}

// clone3 has its flags in memory, where a filter cannot look: it is not on the list, and programs fall back.
void allow_clone(Filter& filter) {
    filter.allow("clone", {argument(0, SCMP_CMP_MASKED_EQ, kNamespaces, 0)});
    for (std::uint64_t flag = 1; flag != 0 && flag <= kNamespaces; flag <<= 1) {
        if ((kNamespaces & flag) != 0)
            filter.deny("clone", EPERM, {argument(0, SCMP_CMP_MASKED_EQ, flag, flag)});
    }
}

// FIFOs, sockets and plain files; no devices.
void allow_nodes(Filter& filter) {
    for (const std::uint64_t type : {0, S_IFIFO, S_IFREG, S_IFSOCK}) {
        filter.allow("mknod", {argument(1, SCMP_CMP_MASKED_EQ, S_IFMT, type)});
        filter.allow("mknodat", {argument(2, SCMP_CMP_MASKED_EQ, S_IFMT, type)});
    }
    for (const std::uint64_t type : {S_IFBLK, S_IFCHR}) {
        filter.deny("mknod", EPERM, {argument(1, SCMP_CMP_MASKED_EQ, S_IFMT, type)});
        filter.deny("mknodat", EPERM, {argument(2, SCMP_CMP_MASKED_EQ, S_IFMT, type)});
    }
}

// One's own. Process 1 is of the same user: without time or stack it could be ended.
void allow_limits(Filter& filter) {
    filter.allow("prlimit64", {argument(0, SCMP_CMP_EQ, 0)});
    filter.deny("prlimit64", EPERM, {argument(0, SCMP_CMP_NE, 0)});
}

void allow_personality(Filter& filter) {
    filter.allow("personality", {argument(0, SCMP_CMP_EQ, kLinuxPersonality)});
    filter.allow("personality", {argument(0, SCMP_CMP_EQ, kQueryPersonality)});
}

}  // namespace

std::string seccomp_program() {
    Filter filter;
    for (const std::string_view call : allowed_calls()) filter.allow(call);
    for (const std::string_view call : denied_calls()) filter.deny(call, EPERM);
    for (const std::string_view call : {"io_uring_setup", "io_uring_enter", "io_uring_register"}) {
        filter.deny(call, EPERM);
    }
    allow_sockets(filter);
    allow_clone(filter);
    allow_nodes(filter);
    allow_limits(filter);
    allow_personality(filter);
    return filter.program();
}

}  // namespace singularity::sandbox
