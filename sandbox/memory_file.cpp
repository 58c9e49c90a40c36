#include "sandbox/memory_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/format.hpp"
#include "sandbox/box.hpp"

namespace singularity::sandbox {

namespace {

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

core::Descriptor memory_file(std::string_view content) {
    const core::Descriptor writing(::memfd_create("box", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
    if (!writing || !write_all(writing.get(), content) ||
        ::fcntl(writing.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        throw SandboxError(core::format("cannot make a file in memory: {}", ::strerrordesc_np(errno)));
    }
    core::Descriptor reading(
        ::open(core::format("/proc/self/fd/{}", writing.get()).c_str(), O_RDONLY | O_CLOEXEC));
    if (!reading)
        throw SandboxError(core::format("cannot open a file in memory: {}", ::strerrordesc_np(errno)));
    return reading;
}

}  // namespace singularity::sandbox
