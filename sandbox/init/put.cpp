// Lays files down: each is new, and no link is followed on the way there.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sandbox/init/init.hpp"

namespace singularity::sandbox::init {

namespace {

constexpr std::uint64_t kInside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

int open_inside(int folder, const char* path, std::uint64_t flags, std::uint64_t mode) {
    open_how how{.flags = flags | O_CLOEXEC | O_NOFOLLOW, .mode = mode, .resolve = kInside};
    return static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof how));
}

// Every folder above the file; `path` is cut at each slash and mended.
bool make_folders(int box, char* path) {
    for (char* slash = std::strchr(path, '/'); slash != nullptr; slash = std::strchr(slash + 1, '/')) {
        *slash = 0;
        const int existing = open_inside(box, path, O_PATH | O_DIRECTORY, 0);
        if (existing >= 0) ::close(existing);
        const bool made = existing >= 0 || (errno == ENOENT && ::mkdirat(box, path, 0755) == 0);
        *slash = '/';
        if (!made) return false;
    }
    return true;
}

bool write_all(int file, const char* content, std::size_t size) {
    while (size > 0) {
        const ssize_t written = ::write(file, content, size);
        if (written < 0 && errno != EINTR) return false;
        if (written <= 0) continue;
        content += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

int put_file(Reader& reader, int box) {
    wire::FileHeader header{};
    const char* bytes = reader.bytes(sizeof header);
    if (bytes == nullptr) return EINVAL;
    std::memcpy(&header, bytes, sizeof header);
    const char* given = reader.bytes(header.path_bytes);
    const char* content = reader.bytes(header.content_bytes);
    if (!reader.good() || !allowed_path(given, header.path_bytes)) return EINVAL;
    char path[1025] = {};
    std::memcpy(path, given, header.path_bytes);
    if (!make_folders(box, path)) return errno;
    const int file =
        open_inside(box, path, O_WRONLY | O_CREAT | O_EXCL, header.executable != 0 ? 0755 : 0644);
    if (file < 0) return errno;
    const int error = write_all(file, content, header.content_bytes) ? 0 : errno;
    ::close(file);
    return error;
}

}  // namespace

wire::Report put_files(const Job& job, int box) {
    Reader reader(job.payload, job.command.payload_bytes);
    wire::Report report{};
    for (; report.index < job.command.count; ++report.index) {
        report.error = put_file(reader, box);
        if (report.error != 0) break;
    }
    return report;
}

}  // namespace singularity::sandbox::init
