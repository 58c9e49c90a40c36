#include "analysis/walk/regular_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace singularity::analysis {

FileDescriptor::~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

SkipReason reason_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return SkipReason::vanished;
        case ELOOP: return SkipReason::symbolic_link;
        case ENXIO: return SkipReason::special_file;
        default: return SkipReason::unreadable;
    }
}

std::expected<std::string, SkipReason> read_regular_file(int folder, const char* path, std::uint64_t limit) {
    const FileDescriptor file(
        ::openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.is_open()) return std::unexpected(reason_of(errno));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(reason_of(errno));
    if (!S_ISREG(status.st_mode)) return std::unexpected(SkipReason::special_file);
    if (static_cast<std::uint64_t>(status.st_size) > limit) return std::unexpected(SkipReason::too_large);

    // One byte more than the file had tells whether it grew; a file of /proc says 0 and has more.
    std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        const ssize_t count = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(reason_of(errno));
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
        if (filled > limit) return std::unexpected(SkipReason::too_large);
        if (filled == text.size()) text.resize(std::min<std::uint64_t>(limit + 1, text.size() * 2));
    }
    text.resize(filled);
    return text;
}

}  // namespace singularity::analysis
